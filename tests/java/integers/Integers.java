// SPDX-License-Identifier: Apache-2.0
package uicclab.integers;

/** Code that needs type int on the card. */
public class Integers {
  public static final byte CASES = 10;

  interface Adder {
    int add(int a, short b, int c);
  }

  static class Counter implements Adder {
    int value;
    private short step = 2;
    static int made = 100000;
    private int[] history = new int[4];
    byte place;

    Counter(int value) {
      this.value = value;
      made += 70000;
    }

    public int add(int a, short b, int c) {
      value += a * step + b - c;
      history[place++ & 3] = value;
      return value;
    }

    int sum() {
      int out = 0;
      for (int i = 0; i < history.length; i++) out += history[(short) i];
      return out;
    }
  }

  static final int[] TABLE = {1, -1, 65536, -2147483648, 2147483647, 0x12345678};
  static int wide = 0x12345;
  static final int LARGE = 1000000;

  static short fold(int value) {
    return (short) (value ^ value >>> 16);
  }

  static short arithmetic(int a, int b) {
    int result = a * b + 12345;
    result -= a - b;
    result ^= ~b;
    result |= a & 0x10001;
    result = -result;
    if (b != 0) result += a / b - a % b;
    result += LARGE;
    return fold(result);
  }

  static short shifts(int a, int b) {
    int result = a << 7;
    result ^= a >> b;
    result += a >>> (b & 31);
    result ^= a << b;
    result >>= 2;
    result >>>= 3;
    result <<= 1;
    return fold(result);
  }

  static short compare(short a, short b) {
    short result = 0;
    if (a + b > 32767) result |= 1;
    if (a - b < -5) result |= 2;
    if (a * b == 25) result |= 4;
    if (a * b != b * 3) result |= 8;
    int x = a * 3;
    int y = b;
    if (x > y) result |= 16;
    if (x <= y) result |= 32;
    if (x >= 0 && y < 100000) result |= 64;
    result += (short) ((a + b) / 2);
    result ^= (short) (x > 40000 ? x : y);
    return result;
  }

  static short objects(short a, short b) {
    Counter counter = new Counter(a);
    Adder adder = counter;
    int first = adder.add(b, a, 7);
    int second = adder.add(first, (short) 3, first / 3);
    counter.value++;
    counter.value += counter.value--;
    wide += counter.value;
    return fold(first + second * 5 + counter.sum() + Counter.made + wide);
  }

  static short choose(int a, int b) {
    switch (a * 40000) {
      case 0:
        return 1;
      case 40000:
        return 2;
      case 80000:
        return fold(b);
      case 4000000:
        return 4;
    }
    switch (b + 100000) {
      case 100000:
        return 5;
      case 100001:
        return 6;
      case 100002:
      case 100003:
        return 7;
      default:
        return (short) (a > b ? a : b);
    }
  }

  static short arrays(short a, short b) {
    int[] values = new int[6];
    for (short i = 0; i < values.length; i++) values[i] = TABLE[i] + a;
    values[0] += b;
    values[1]++;
    int last = values[2]--;
    values[3] = values[4] = a * b;
    Object thing = values;
    if (thing instanceof int[]) last += ((int[]) thing).length;
    byte[] bytes = new byte[4];
    bytes[0] = (byte) (a * b);
    bytes[1] = (byte) (a * b >> 8);
    bytes[2] = (byte) last;
    int result = last;
    for (byte i = 0; i < 6; i++) result = result * 31 + values[i];
    for (byte i = 0; i < 4; i++) result = result * 7 + (bytes[i] & 0xFF);
    return fold(result);
  }

  static int deep(int a) {
    return a < 2 ? a : deep(a - 1) + deep(a - 2) * 2;
  }

  static short loops(short a, short b) {
    int total = 0;
    for (int i = -3; i < 3; i++) {
      int product = i * b;
      total += product > a ? product : a;
      try {
        total += 100000 / i;
      } catch (ArithmeticException e) {
        total ^= 0x55555;
      }
    }
    return fold(total + deep(a & 7));
  }

  static short narrow(short a, short b) {
    int x = a;
    short y = (short) x;
    byte z = (byte) (x + b);
    x += 5;
    short low = (short) (x * 70000);
    return (short) (y + z + low + (short) (x >> 1));
  }

  /** Its argument is the first local variable, and changes. */
  private static int first(int value, short by) {
    value = value * 4 + by;
    value += 1000;
    byte low = (byte) value;
    value = value == 4 ? 5 : value - low;
    return value;
  }

  public static short run(byte number, short a, short b) {
    switch (number) {
      case 0:
        return arithmetic(a, b);
      case 1:
        return arithmetic(a * 30011, b + 7);
      case 2:
        return shifts(a * 70001, b);
      case 3:
        return compare(a, b);
      case 4:
        return objects(a, b);
      case 5:
        return choose(a, b);
      case 6:
        return arrays(a, b);
      case 7:
        return loops(a, b);
      case 8:
        return narrow(a, b);
      case 9:
        return fold(first(a * 70001, b));
      default:
        return -1;
    }
  }
}
