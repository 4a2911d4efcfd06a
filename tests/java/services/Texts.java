// SPDX-License-Identifier: Apache-2.0
package uicclab.services;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import javacardx.framework.string.StringException;
import javacardx.framework.string.StringUtil;

/** A method of StringUtil each; the data are up to three texts, each behind its length; an exception is answered as 6Fxx. */
public class Texts extends Applet {
  private final byte[] in = new byte[256];
  private final byte[] out = new byte[256];
  private final short[] numbers = new short[4];

  public static void install(byte[] array, short offset, byte length) {
    new Texts().register();
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    short size = apdu.setIncomingAndReceive();
    Util.arrayFillNonAtomic(out, (short) 0, (short) out.length, (byte) 0);
    Util.arrayFillNonAtomic(in, (short) 0, (short) in.length, (byte) 0);
    Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, in, (short) 0, size);
    short length = 0;
    try {
      length = run(buffer[ISO7816.OFFSET_INS], buffer[ISO7816.OFFSET_P1], buffer[ISO7816.OFFSET_P2], size);
    } catch (StringException exception) {
      ISOException.throwIt((short) (0x6F10 | exception.getReason()));
    } catch (ArrayIndexOutOfBoundsException exception) {
      ISOException.throwIt((short) 0x6F30);
    } catch (IndexOutOfBoundsException exception) {
      ISOException.throwIt((short) 0x6F34);
    }
    apdu.setOutgoing();
    apdu.setOutgoingLength(length);
    apdu.sendBytesLong(out, (short) 0, length);
  }

  private short number(short value) {
    return Util.setShort(out, (short) 0, value);
  }

  private short flag(boolean value) {
    out[0] = (byte) (value ? 1 : 0);
    return (short) 1;
  }

  private short run(byte ins, byte p1, byte p2, short size) {
    short a = (short) 1;
    short aLength = in[0];
    short b = (short) (a + aLength + 1);
    short bLength = in[(short) (b - 1)];
    short c = (short) (b + bLength + 1);
    short cLength = in[(short) (c - 1)];
    switch (ins) {
      case 0x01:
        return number(StringUtil.codePointCount(in, a, aLength));
      case 0x02:
        return StringUtil.codePointAt(in, a, aLength, p1, out, (short) 0);
      case 0x03:
        return StringUtil.codePointBefore(in, a, aLength, p1, out, (short) 0);
      case 0x04:
        return number(StringUtil.offsetByCodePoints(in, a, aLength, p1, p2));
      case 0x05:
        return number(StringUtil.compare(p1 != 0, in, a, aLength, in, b, bLength));
      case 0x06:
        return number(StringUtil.indexOf(in, a, aLength, in, b, bLength));
      case 0x07:
        return StringUtil.replace(in, a, aLength, in, b, bLength, in, c, cLength, out, (short) 0);
      case 0x08:
        return StringUtil.toLowerCase(in, a, aLength, out, (short) 0);
      case 0x09:
        return StringUtil.toUpperCase(in, a, aLength, out, (short) 0);
      case 0x0A:
        return StringUtil.trim(in, a, aLength, out, (short) 0);
      case 0x0B:
        return StringUtil.valueOf(p1 != 0, out, (short) 0);
      case 0x0C:
        return flag(StringUtil.parseBoolean(in, a, aLength));
      case 0x0D:
        return StringUtil.valueOf(Util.makeShort(p1, p2), out, (short) 0);
      case 0x0E:
        return number(StringUtil.parseShortInteger(in, a, aLength));
      case 0x0F: {
        short[] value = new short[p1];
        for (short i = 0; i < p1; i++) value[i] = Util.getShort(in, (short) (a + 2 * i));
        return StringUtil.valueOf(value, out, (short) 0);
      }
      case 0x10: {
        short count = StringUtil.parseLongInteger(in, a, aLength, numbers, (short) 0);
        for (short i = 0; i < count; i++) Util.setShort(out, (short) (2 * i), numbers[i]);
        return (short) (2 * count);
      }
      case 0x11:
        return StringUtil.convertTo(in, a, aLength, out, (short) 0, p1);
      case 0x12:
        return StringUtil.convertFrom(in, a, aLength, out, (short) 0, p1);
      case 0x13:
        return flag(StringUtil.check(in, a, aLength));
      case 0x14:
        return flag(StringUtil.startsWith(in, a, aLength, in, b, bLength, p1));
      case 0x15:
        return flag(StringUtil.endsWith(in, a, aLength, in, b, bLength, p1));
      case 0x16:
        return StringUtil.substring(in, a, aLength, p1, p2, out, (short) 0);
      case 0x17:
        return StringUtil.valueOf(p1 != 0, out, (short) (out.length - 4));
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        return 0;
    }
  }
}
