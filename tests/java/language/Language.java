// SPDX-License-Identifier: Apache-2.0
package uicclab.language;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.UserException;
import javacard.framework.Util;

/** 80 INS with two shorts as data answers with the short that the case of this number computes; the same as it computes anywhere. */
public class Language extends Applet {
  public static final byte CASES = 20;

  protected Language() {
    register();
  }

  public static void install(byte[] array, short offset, byte length) {
    new Language();
  }

  public static short run(byte number, short a, short b) throws UserException {
    switch (number) {
      case 0:
        return Numbers.arithmetic(a, b);
      case 1:
        return Numbers.shifts(a, b);
      case 2:
        return Numbers.compare(a, b);
      case 3:
        return Numbers.bytes(a, b);
      case 4:
        return Numbers.statics(a, b);
      case 5:
        return Numbers.increments(a, b);
      case 6:
        return Numbers.constants(a, b);
      case 7:
        return Numbers.choose(a, b);
      case 8:
        return Ways.loops(a, b);
      case 9:
        return Ways.dense(a, b);
      case 10:
        return Ways.sparse(a, b);
      case 11:
        return Ways.exceptions(a, b);
      case 12:
        return Ways.checked(a, b);
      case 13:
        return Ways.deep(a, b);
      case 14:
        return Objects.virtuals(a, b);
      case 15:
        return Objects.interfaces(a, b);
      case 16:
        return Objects.casts(a, b);
      case 17:
        return Ways.divided(a, b);
      case 18:
        return Rare.far(a, b);
      case 19:
        return Rare.few(a, b);
      default:
        UserException.throwIt(number);
        return 0;
    }
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    apdu.setIncomingAndReceive();
    short a = Util.getShort(buffer, ISO7816.OFFSET_CDATA);
    short b = Util.getShort(buffer, (short) (ISO7816.OFFSET_CDATA + 2));
    try {
      Util.setShort(buffer, (short) 0, run(buffer[ISO7816.OFFSET_INS], a, b));
    } catch (UserException e) {
      ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
    }
    apdu.setOutgoingAndSend((short) 0, (short) 2);
  }
}
