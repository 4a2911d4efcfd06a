// SPDX-License-Identifier: Apache-2.0
package uicclab.refused;

class Calls {
  static void code(Object a, byte b) {
    a.hashCode(); // refused: method java/lang/Object.hashCode()I: type int: convert with --int
  }

  static void text(Object a) {
    a.notify(); // refused: method java/lang/Object.notify()V is in no package that can be imported
  }

  static Object wait(byte[] a) {
    return a.clone(); // refused: arrays have no methods in the Java Card language
  }

  static synchronized void one() {} // refused: synchronized: there are no threads in the Java Card language

  static void two(Object a) {
    synchronized (a) { // refused: synchronized: there are no threads in the Java Card language
      a.equals(null);
    }
  }

  static native void three(); // refused: native methods cannot be in a CAP file

  static Runnable four() {
    return () -> {}; // refused: lambdas, method references and string concatenation (invokedynamic) are not in the Java Card language
  }

  static void five() {
    take("text"); // refused: strings are not in the Java Card language
  }

  static void take(Object a) {}
}
