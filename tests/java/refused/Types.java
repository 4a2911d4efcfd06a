// SPDX-License-Identifier: Apache-2.0
package uicclab.refused;

class Types {
  long number; // refused: type long is not in the Java Card language
  char letter; // refused: type char is not in the Java Card language
  float part; // refused: types float and double are not in the Java Card language
  String text; // refused: strings are not in the Java Card language
  byte[][] table; // refused: arrays of more than one dimension are not in the Java Card language
  int wide; // refused: type int: use short, or convert with --int
  java.util.List<Object> list; // refused: class java/util/List is in no package that can be imported

  void take(double a) {} // refused: types float and double are not in the Java Card language
}
