// SPDX-License-Identifier: Apache-2.0
package uicclab.hello;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** Answers 80 01 with "hello", and 80 02 with the data that it got. */
public class Hello extends Applet {
  private static final byte[] HELLO = {'h', 'e', 'l', 'l', 'o'};

  public static void install(byte[] array, short offset, byte length) {
    new Hello().register();
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    if (buffer[ISO7816.OFFSET_CLA] != (byte) 0x80) ISOException.throwIt(ISO7816.SW_CLA_NOT_SUPPORTED);
    switch (buffer[ISO7816.OFFSET_INS]) {
      case 1:
        Util.arrayCopyNonAtomic(HELLO, (short) 0, buffer, (short) 0, (short) HELLO.length);
        apdu.setOutgoingAndSend((short) 0, (short) HELLO.length);
        break;
      case 2:
        apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, apdu.setIncomingAndReceive());
        break;
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
    }
  }
}
