// SPDX-License-Identifier: Apache-2.0
package uicclab.refused;

class Overflow {
  static boolean compare(short a, short b, short c) {
    return a + b > c; // refused: intermediate value may overflow: a comparison of -65536 to 65534
  }

  static short half(short a, short b) {
    return (short) ((a + b) / 2); // refused: intermediate value may overflow: an operand of / is -65536 to 65534
  }

  static short shift(short a, short b) {
    return (short) (a * b >> 4); // refused: intermediate value may overflow: an operand of >> is
  }

  static byte index(byte[] array, short a) {
    return array[a + 1]; // refused: intermediate value may overflow: the index is -32767 to 32768
  }

  static byte[] length(short a) {
    return new byte[a * 2]; // refused: intermediate value may overflow: the length is -65536 to 65534
  }

  static short choose(short a) {
    switch (a + a) { // refused: intermediate value may overflow: switch of -65536 to 65534
      case 1:
        return 2;
      default:
        return 3;
    }
  }

  static short local(short a) {
    int sum = a;
    sum += a;
    return (short) (sum / 3); // refused: intermediate value may overflow: an operand of / is -65536 to 65534
  }
}
