// SPDX-License-Identifier: Apache-2.0
package uicclab.language;

/** Arithmetic in 16 bits, with and without casts. */
class Numbers {
  static final short BIG = 30000;
  static byte counter;
  static short total = 7;
  static boolean flag = true;
  static final byte[] TABLE = {1, -1, 127, -128, (byte) 0xA5, 5};
  static final short[] WIDE = {1, -1, 32767, -32768, (short) 0xA5A5};
  static final boolean[] BITS = {true, false, true};
  static short[] empty = new short[3];

  static short arithmetic(short a, short b) {
    short sum = (short) (a + b * 3);
    sum -= 7;
    sum *= a;
    sum ^= (short) (b << 3);
    sum = (short) -sum;
    sum = (short) (sum + (a | b) - (a & ~b));
    if (b != 0) sum = (short) (sum + a / b + a % b);
    return sum;
  }

  static short shifts(short a, short b) {
    short result = (short) (a >> 3);
    result += a >>> 5;
    result ^= (short) (a << b);
    result += (short) (a >> b);
    result ^= (short) (a >>> (b & 15));
    result += (short) ((a & 0xFF) >>> 2);
    result <<= 1;
    result >>>= 2;
    result >>= 1;
    return result;
  }

  static short compare(short a, short b) {
    short result = 0;
    if (a < b) result |= 1;
    if (a <= b) result |= 2;
    if (a > b) result |= 4;
    if (a >= b) result |= 8;
    if (a == b) result |= 16;
    if (a != b) result |= 32;
    if ((a & 0xFFFF) == 0x9000) result |= 64;
    if ((a & 0x8000) != 0) result |= 128;
    if ((byte) a + 1 > 5) result |= 256;
    if (a == 0 || b == 0 && a < 0) result |= 512;
    if (!(a > 0 && b > 0)) result |= 1024;
    return result;
  }

  static short bytes(short a, short b) {
    byte x = (byte) a;
    byte y = (byte) b;
    x += y;
    y++;
    --x;
    counter += 3;
    counter--;
    x = (byte) (x * y);
    x <<= 1;
    short word = (short) ((x << 8) | (y & 0xFF));
    return (short) (word + counter);
  }

  static short statics(short a, short b) {
    total += a;
    total++;
    flag = !flag;
    empty[1] += b;
    empty[2]++;
    TABLE[5] ^= (byte) a;
    short result = total;
    for (short i = 0; i < TABLE.length; i++) result += TABLE[i];
    for (short i = (short) (WIDE.length - 1); i >= 0; --i) result ^= WIDE[i];
    for (byte i = 0; i < 3; ++i) {
      if (BITS[i]) result += empty[i];
    }
    return flag ? result : (short) -result;
  }

  static short increments(short a, short b) {
    short i = a;
    short j = i++;
    short k = ++i;
    i += 100;
    i += 1000;
    i -= 3;
    i = (short) (i - 40000);
    short[] values = {a, b, 3};
    short place = 0;
    values[place++] += 5;
    values[place++]--;
    short last = values[place]++;
    return (short) (i + j * 3 + k * 5 + values[0] + values[1] * 7 + values[2] * 11 + last + place);
  }

  static short constants(short a, short b) {
    short result = BIG;
    result += -1;
    result += 6;
    result += 127;
    result -= 128;
    result += 128;
    result += 32767;
    result ^= 0x7FFF;
    result ^= (short) 0x8000;
    if (a > BIG) result++;
    if (b == -32768) result++;
    return result;
  }

  static short choose(short a, short b) {
    boolean less = a < b;
    boolean both = less & a > 0 | b < 0 ^ flag;
    short result = less ? a : b;
    result += (short) (both ? 1 : a > 5 ? 2 : 3);
    boolean[] flags = new boolean[4];
    flags[a & 3] = less;
    flags[(a + 1) & 3] = !both;
    for (short i = 0; i < flags.length; i++) result = (short) (result * 2 + (flags[i] ? 1 : 0));
    return result;
  }
}
