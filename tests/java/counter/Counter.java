// SPDX-License-Identifier: Apache-2.0
package uicclab.counter;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.framework.Util;

/**
 * A counter behind a PIN. 80 20: the PIN. 80 01: counts, answers the count. 80 02: echo. 80 03: counts in a transaction that P1 says how to
 * end (0 commit, 1 abort, 2 not at all). 80 04: counts, then fails. 80 06: the parameters of the installation.
 * 80 07: an array index out of bounds. 80 08: a byte of memory until the reset, P1 its new value. 80 09: own AID. 80 0A: tries left.
 */
public class Counter extends Applet {
  private short count;
  private final OwnerPIN pin;
  private final byte[] parameters;
  private final byte[] volatileByte;
  private final byte[] selectedByte;

  private Counter(byte[] array, short offset, byte length) {
    pin = new OwnerPIN((byte) 3, (byte) 8);
    short at = (short) (offset + array[offset] + 1);  // behind the AID
    at = (short) (at + array[at] + 1);  // behind the privileges
    byte size = array[at];
    if (size == 1 && array[(short) (at + 1)] == (byte) 0xEE) ISOException.throwIt(ISO7816.SW_WRONG_DATA);
    parameters = new byte[size];
    Util.arrayCopy(array, (short) (at + 1), parameters, (short) 0, size);
    pin.update(new byte[] {1, 2, 3, 4}, (short) 0, (byte) 4);
    volatileByte = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_RESET);
    selectedByte = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
    if (size == 0 || parameters[0] != (byte) 0xDD) register(array, (short) (offset + 1), array[offset]);
  }

  public static void install(byte[] array, short offset, byte length) {
    new Counter(array, offset, length);
  }

  public boolean select() {
    return pin.getTriesRemaining() > 0;
  }

  public void deselect() {
    pin.reset();
  }

  public void process(APDU apdu) {
    byte[] buffer = apdu.getBuffer();
    if (selectingApplet()) {
      if (buffer[ISO7816.OFFSET_INS] != ISO7816.INS_SELECT) ISOException.throwIt(ISO7816.SW_UNKNOWN);
      return;
    }
    if (!apdu.isISOInterindustryCLA() && (buffer[ISO7816.OFFSET_CLA] & 0xFC) != 0x80) ISOException.throwIt(ISO7816.SW_CLA_NOT_SUPPORTED);
    byte p1 = buffer[ISO7816.OFFSET_P1];
    switch (buffer[ISO7816.OFFSET_INS]) {
      case 0x20: {
        byte length = (byte) apdu.setIncomingAndReceive();
        if (!pin.check(buffer, ISO7816.OFFSET_CDATA, length)) ISOException.throwIt((short) (0x63C0 + pin.getTriesRemaining()));
        break;
      }
      case 1:
        if (!pin.isValidated()) ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        count++;
        answer(apdu);
        break;
      case 2: {
        short length = apdu.setIncomingAndReceive();
        apdu.setOutgoing();
        apdu.setOutgoingLength(length);
        apdu.sendBytes(apdu.getOffsetCdata(), length);
        break;
      }
      case 3:
        JCSystem.beginTransaction();
        count++;
        if (p1 == 0) JCSystem.commitTransaction();
        if (p1 == 1) JCSystem.abortTransaction();
        if (p1 != 2) answer(apdu);
        break;
      case 4:
        count++;
        ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        break;
      case 6:
        Util.arrayCopyNonAtomic(parameters, (short) 0, buffer, (short) 0, (short) parameters.length);
        apdu.setOutgoingAndSend((short) 0, (short) parameters.length);
        break;
      case 7:
        parameters[(short) 100] = 1;
        break;
      case 8:
        buffer[0] = volatileByte[0];
        buffer[1] = selectedByte[0];
        volatileByte[0] = p1;
        selectedByte[0] = p1;
        apdu.setOutgoingAndSend((short) 0, (short) 2);
        break;
      case 9: {
        AID aid = JCSystem.getAID();
        apdu.setOutgoingAndSend((short) 0, aid.getBytes(buffer, (short) 0));
        break;
      }
      case 10:
        buffer[0] = pin.getTriesRemaining();
        apdu.setOutgoingAndSend((short) 0, (short) 1);
        break;
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
    }
  }

  private void answer(APDU apdu) {
    byte[] buffer = apdu.getBuffer();
    Util.setShort(buffer, (short) 0, count);
    apdu.setOutgoingAndSend((short) 0, (short) 2);
  }
}
