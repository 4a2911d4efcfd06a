// SPDX-License-Identifier: Apache-2.0
package uicclab.refused;

class Statics {
  static Object object = new Object(); // refused: a static initialiser may only assign constants and arrays of constants
}
