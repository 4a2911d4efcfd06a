// SPDX-License-Identifier: Apache-2.0
package uicclab.language;

/** Branches over more than 127 bytes, which have instructions of their own, and some that nothing else here needs. */
class Rare {
  private static Object kept;

  /** Bodies of 128 bytes and more. */
  static short far(short a, short b) {
    Object one = (a & 1) == 0 ? null : new byte[1];
    Object other = (b & 1) == 0 ? one : null;
    short x = 1;
    if (a != 0) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a == 0) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a >= 0) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a < 0) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a <= 0) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a > 0) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (one != null) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (one == null) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (one != other) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (one == other) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a != b) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a == b) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a >= b) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a < b) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a <= b) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    if (a > b) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    for (short i = 0; i < 3; i++) {
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
      x = (short) ((((((x * 31 + a) * 31 + b) * 31 + a) * 31 + b) * 31 + a) ^ b);
    }
    return x;
  }

  /** Its argument is the first local variable. */
  private static Object same(Object one, Object two, short a) {
    one = a == 4 ? two : one;
    a += 4;
    two = one;
    kept = two;
    return kept;
  }

  private static short first(short a) {
    a = (short) (a + 4);
    a = (short) (a * a);
    return a;
  }

  static short few(short a, short b) {
    byte[] one = new byte[4];
    byte[] two = new byte[] {4, (byte) a};
    short result = first(b);
    if (same(one, two, a) == two) result += two[1];
    if (same(two, one, b) != two) result ^= 0x55;
    return result;
  }
}
