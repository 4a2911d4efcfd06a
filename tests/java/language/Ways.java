// SPDX-License-Identifier: Apache-2.0
package uicclab.language;

import javacard.framework.UserException;

/** Where control goes: loops, switches, exceptions. */
class Ways {
  static short loops(short a, short b) {
    short result = 0;
    short i = 0;
    while (i < 10) {
      if (i == 7) break;
      if ((i & 1) == 0) {
        i++;
        continue;
      }
      result += i++;
    }
    do {
      result += a;
      b--;
    } while (b > 0 && result < 1000);
    outer:
    for (short x = 0; x < 5; x++) {
      for (short y = 0; y < 5; y++) {
        if ((short) (x * y) == 6) continue outer;
        if ((byte) (x * y) == 12) break outer;
        result += x + y;
      }
    }
    for (; ; ) {
      if (++result > 20) return result;
    }
  }

  static short dense(short a, short b) {
    switch (a) {
      case -1:
        return 10;
      case 0:
        b++;
      case 1:
        b += 2;
        break;
      case 2:
      case 3:
        b += 4;
        break;
      default:
        b = (short) -b;
    }
    return b;
  }

  static short sparse(short a, short b) {
    switch ((byte) a) {
      case (byte) 0x80:
        return 1;
      case 0:
        return 2;
      case 100:
        return 3;
    }
    switch (a) {
      case -32768:
        return 4;
      case 1000:
        return 5;
      case 32767:
        return 6;
    }
    switch (a & 0xFFFF) {
      case 0x9000:
        return 7;
      case 0x6A82:
        return 8;
      default:
        return b;
    }
  }

  static short thrown(short a) {
    if (a < 0) throw new NegativeArraySizeException();
    if (a == 0) throw new OwnException((short) 5);
    if (a == 1) throw new OtherException((short) 6);
    return a;
  }

  static short exceptions(short a, short b) throws UserException {
    short result = 0;
    try {
      result = thrown(a);
      result += thrown(b);
    } catch (OwnException e) {
      result += e.reason();
    } catch (NegativeArraySizeException | NullPointerException e) {
      result = -1;
    } finally {
      result += 100;
    }
    try {
      try {
        byte[] array = new byte[2];
        array[a & 3] = (byte) b;
        result += array[0] + array[1];
      } finally {
        result += 1000;
      }
    } catch (ArrayIndexOutOfBoundsException e) {
      result += 7;
    }
    return (short) (result + nested(a) + divided(a, b));
  }

  static short nested(short a) {
    for (short i = 0; i < 3; i++) {
      try {
        if (i == a) continue;
        if (i > a) return i;
      } finally {
        a++;
      }
    }
    return a;
  }

  static short divided(short a, short b) {
    try {
      return (short) (a / b);
    } catch (ArithmeticException e) {
      return 77;
    }
  }

  static short checked(short a, short b) {
    try {
      if (a == b) UserException.throwIt(a);
      Object nothing = a > b ? null : new byte[1];
      return (short) (nothing.equals(null) ? 1 : 2);
    } catch (UserException e) {
      return 3;
    } catch (NullPointerException e) {
      return 4;
    }
  }

  static short recursive(short a) {
    return a <= 1 ? a : (short) (recursive((short) (a - 1)) + recursive((short) (a - 2)));
  }

  static short deep(short a, short b) {
    return (short) (recursive((short) (a & 7)) + recursive((short) (b & 7)));
  }
}
