// SPDX-License-Identifier: Apache-2.0
package uicclab.channels;

import javacard.framework.APDU;
import javacard.framework.APDUException;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.MultiSelectable;
import javacard.framework.Util;
import javacardx.apdu.ExtendedLength;

/** An applet on several logical channels at once, with long commands and answers. See process(). */
public class Channels extends Applet implements MultiSelectable, ExtendedLength {
  private static final short MOST = 4000;
  private final byte[] log = new byte[40];
  private byte logged;
  private final byte[] data = new byte[MOST];
  private short size;
  private final byte[] untilDeselect = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_DESELECT);

  public static void install(byte[] array, short offset, byte length) {
    new Channels().register(array, (short) (offset + 1), array[offset]);
  }

  private void note(byte what) {
    if (logged < log.length) log[logged++] = what;
  }

  public boolean select() {
    note((byte) 0x50);
    return true;
  }

  public boolean select(boolean active) {
    note(active ? (byte) 0x51 : (byte) 0x52);
    return true;
  }

  public void deselect() {
    note((byte) 0xD0);
  }

  public void deselect(boolean active) {
    note(active ? (byte) 0xD1 : (byte) 0xD2);
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    switch (buffer[ISO7816.OFFSET_INS]) {
      case 0x10: {  // what was selected and deselected since the last question
        Util.arrayCopyNonAtomic(log, (short) 0, buffer, (short) 0, logged);
        short length = logged;
        logged = 0;
        apdu.setOutgoingAndSend((short) 0, length);
        break;
      }
      case 0x11:  // class byte, its channel, the assigned one, protocol, state, flags of the class byte
        buffer[1] = APDU.getCLAChannel();
        buffer[2] = JCSystem.getAssignedChannel();
        buffer[3] = APDU.getProtocol();
        buffer[4] = apdu.getCurrentState();
        buffer[5] = (byte) ((apdu.isCommandChainingCLA() ? 1 : 0) | (apdu.isSecureMessagingCLA() ? 2 : 0)
            | (apdu.isISOInterindustryCLA() ? 4 : 0) | (apdu.isValidCLA() ? 8 : 0));
        apdu.setOutgoingAndSend((short) 0, (short) 6);
        break;
      case 0x12: {  // keeps the data; answers their length, where they began, and the pieces they came in
        short got = apdu.setIncomingAndReceive();
        short offset = apdu.getOffsetCdata();
        short length = apdu.getIncomingLength();
        if (length > MOST) ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        byte pieces = 0;
        size = 0;
        short at = offset;
        while (got > 0) {
          pieces++;
          Util.arrayCopyNonAtomic(buffer, at, data, size, got);
          size += got;
          at = 0;
          got = apdu.receiveBytes((short) 0);
        }
        Util.setShort(buffer, (short) 0, length);
        buffer[2] = (byte) offset;
        buffer[3] = pieces;
        buffer[4] = apdu.getCurrentState();
        apdu.setOutgoingAndSend((short) 0, (short) 5);
        break;
      }
      case 0x13: {  // the data, in pieces of P1 P2 bytes
        short piece = Util.getShort(buffer, ISO7816.OFFSET_P1);
        apdu.setOutgoing();
        apdu.setOutgoingLength(size);
        for (short at = 0; at < size; at += piece) {
          apdu.sendBytesLong(data, at, (short) (size - at) < piece ? (short) (size - at) : piece);
        }
        break;
      }
      case 0x14: {  // a volatile byte, P1 its new value
        byte now = untilDeselect[0];
        untilDeselect[0] = buffer[ISO7816.OFFSET_P1];
        buffer[0] = now;
        apdu.setOutgoingAndSend((short) 0, (short) 1);
        break;
      }
      case 0x15:  // 6F and the reason of the APDUException that misuse P1 throws; 9000 if none
        try {
          misuse(apdu, buffer[ISO7816.OFFSET_P1]);
        } catch (APDUException exception) {
          ISOException.throwIt((short) (0x6F00 | exception.getReason()));
        }
        break;
      case 0x16: {  // what setOutgoing() says
        short le = apdu.setOutgoing();
        Util.setShort(buffer, (short) 0, le);
        apdu.setOutgoingLength((short) 2);
        apdu.sendBytes((short) 0, (short) 2);
        break;
      }
      case 0x17:  // block sizes
        Util.setShort(buffer, (short) 0, APDU.getInBlockSize());
        Util.setShort(buffer, (short) 2, APDU.getOutBlockSize());
        apdu.setOutgoingAndSend((short) 0, (short) 4);
        break;
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
    }
  }

  private void misuse(APDU apdu, byte how) {
    switch (how) {
      case 1:
        apdu.setIncomingAndReceive();
        apdu.setIncomingAndReceive();
        break;
      case 2:
        apdu.receiveBytes((short) 5);
        break;
      case 3:
        apdu.setOutgoing();
        apdu.setOutgoing();
        break;
      case 4:
        apdu.setOutgoingLength((short) 5);
        break;
      case 5:
        apdu.setOutgoing();
        apdu.sendBytes((short) 0, (short) 1);
        break;
      case 6:
        apdu.setOutgoing();
        apdu.setOutgoingLength((short) 2);
        apdu.sendBytes((short) 0, (short) 3);
        break;
      case 7:
        apdu.setOutgoing();
        apdu.setOutgoingLength((short) -1);
        break;
      case 8:
        apdu.setOutgoing();
        apdu.setOutgoingLength((short) 2);
        apdu.sendBytes((short) 300, (short) 1);
        break;
      case 9:
        apdu.setIncomingAndReceive();
        apdu.receiveBytes((short) -1);
        break;
      case 10:
        apdu.getIncomingLength();
        break;
      case 11:
        apdu.getOffsetCdata();
        break;
      case 12:
        apdu.setOutgoing();
        apdu.setIncomingAndReceive();
        break;
      case 13:
        apdu.setOutgoingNoChaining();
        APDU.waitExtension();
        break;
      case 14:
        apdu.setOutgoingNoChaining();
        apdu.setOutgoingLength((short) 300);
        break;
      case 15:
        apdu.setOutgoingAndSend((short) 0, (short) 2);
        apdu.setOutgoingAndSend((short) 0, (short) 2);
        break;
      default:
        APDU.waitExtension();
    }
  }
}
