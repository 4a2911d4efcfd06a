// SPDX-License-Identifier: Apache-2.0
package uicclab.refused;

enum Kinds { // refused: enums are not in the Java Card language
  ONE
}

interface WithCode {
  byte[] TABLE = {1}; // refused: fields of interfaces must be constants of a primitive type

  default void one() {} // refused: methods with code in interfaces are not in the Java Card language
}
