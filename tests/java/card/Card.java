// SPDX-License-Identifier: Apache-2.0
package uicclab.card;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.AppletEvent;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Shareable;
import javacard.framework.Util;
import uicclab.shared.Shared;

/**
 * What the tests of the card's side of Java applets ask of an applet, an instruction each (see process()). The parameters of the
 * installation: a byte that says what goes wrong (0 nothing, 1 throws, 2 does not register, 3 wants more memory than there is), then two bytes: the
 * size of an array to begin with.
 */
public class Card extends Applet implements Shared, AppletEvent {
  private static byte[] ofPackage;  // shared by all instances

  private short count;
  private short touched;
  private final byte[] ten;
  private byte[] kept;
  private Object[] objects;
  private Shared other;
  private final byte[] untilReset;
  private final byte[] untilDeselect;

  private Card(byte[] array, short offset) {
    ten = new byte[10];
    untilReset = JCSystem.makeTransientByteArray((short) 2, JCSystem.CLEAR_ON_RESET);
    untilDeselect = JCSystem.makeTransientByteArray((short) 2, JCSystem.CLEAR_ON_DESELECT);
    short at = (short) (offset + array[offset] + 1);
    at = (short) (at + array[at] + 1);
    byte size = array[at];
    byte wrong = size > 0 ? array[(short) (at + 1)] : 0;
    count = 1;
    if (wrong == 1) ISOException.throwIt(ISO7816.SW_WRONG_DATA);
    if (wrong == 3) objects = new Object[] {new byte[32000], new byte[32000], new byte[32000], new byte[32000], new byte[32000],
      new byte[32000], new byte[32000], new byte[32000], new byte[32000]};
    if (size >= 3) kept = new byte[Util.getShort(array, (short) (at + 2))];
    if (wrong != 2) register(array, (short) (offset + 1), array[offset]);
  }

  public static void install(byte[] array, short offset, byte length) {
    new Card(array, offset);
  }

  public void uninstall() {
    if (other != null) other.touch();
  }

  public Shareable getShareableInterfaceObject(AID client, byte parameter) {
    if (parameter == 2) ISOException.throwIt(ISO7816.SW_UNKNOWN);
    return parameter == 0 ? this : null;
  }

  public short touch() {
    return ++touched;
  }

  public byte look(byte[] array) {
    return array[0];
  }

  public void process(APDU apdu) {
    byte[] buffer = apdu.getBuffer();
    if (selectingApplet()) return;
    short p = Util.getShort(buffer, ISO7816.OFFSET_P1);
    byte i;
    switch (buffer[ISO7816.OFFSET_INS]) {
      case 0x10:  // counts
        answer(apdu, ++count);
        break;
      case 0x11:  // ten writes; P2 01: in a transaction
        if ((p & 0xFF) == 1) JCSystem.beginTransaction();
        for (i = 0; i < 10; i++) ten[i] = buffer[ISO7816.OFFSET_P1];
        if ((p & 0xFF) == 1) JCSystem.commitTransaction();
        break;
      case 0x12:  // what they wrote
        Util.arrayCopyNonAtomic(ten, (short) 0, buffer, (short) 0, (short) 10);
        apdu.setOutgoingAndSend((short) 0, (short) 10);
        break;
      case 0x13:  // never ends
        for (;;) ten[9]++;
      case 0x14:  // keeps a new array of P1 P2 bytes; none: none
        kept = p == 0 ? null : new byte[p];
        break;
      case 0x15:  // drops P1 P2 bytes
        kept = new byte[p];
        kept = null;
        break;
      case 0x16:  // collects
        JCSystem.requestObjectDeletion();
        break;
      case 0x17:  // keeps transient memory, until the reset
        kept = JCSystem.makeTransientByteArray(p, JCSystem.CLEAR_ON_RESET);
        break;
      case 0x18: {  // asks the applet with the AID in the data for its shareable object, parameter P1; keeps it
        byte length = (byte) apdu.setIncomingAndReceive();
        AID aid = JCSystem.lookupAID(buffer, ISO7816.OFFSET_CDATA, length);
        if (aid == null) ISOException.throwIt(ISO7816.SW_FILE_NOT_FOUND);
        other = (Shared) JCSystem.getAppletShareableInterfaceObject(aid, buffer[ISO7816.OFFSET_P1]);
        if (other == null) ISOException.throwIt(ISO7816.SW_RECORD_NOT_FOUND);
        break;
      }
      case 0x19:  // uses it
        answer(apdu, other.touch());
        break;
      case 0x1A:  // forgets it
        other = null;
        break;
      case 0x1B:  // memory that is left, P1 the type
        answer(apdu, JCSystem.getAvailableMemory(buffer[ISO7816.OFFSET_P1]));
        break;
      case 0x1C:  // how often it was used
        answer(apdu, touched);
        break;
      case 0x1D:  // hands its array over; P1 00: its own, 01: null, 02: the APDU buffer, which everybody may have
        answer(apdu, other.look(p == 0 ? ten : p == 0x0100 ? null : buffer));
        break;
      case 0x1E:  // volatile bytes: reset, deselect; P1 P2 their new values
        Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_P1, buffer, (short) 10, (short) 2);
        buffer[0] = untilReset[0];
        buffer[1] = untilDeselect[0];
        untilReset[0] = buffer[10];
        untilDeselect[0] = buffer[11];
        apdu.setOutgoingAndSend((short) 0, (short) 2);
        break;
      case 0x1F:  // an array in a static field
        ofPackage = p == 0 ? null : ten;
        break;
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
    }
  }

  private void answer(APDU apdu, short value) {
    byte[] buffer = apdu.getBuffer();
    Util.setShort(buffer, (short) 0, value);
    apdu.setOutgoingAndSend((short) 0, (short) 2);
  }
}
