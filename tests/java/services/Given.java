// SPDX-License-Identifier: Apache-2.0
package uicclab.services;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.Util;

/** Answers with what install() got. */
public class Given extends Applet {
  private final byte[] given;

  private Given(byte[] array, short offset, byte length) {
    given = new byte[(short) (length & 0xFF)];
    Util.arrayCopy(array, offset, given, (short) 0, (short) given.length);
  }

  public static void install(byte[] array, short offset, byte length) {
    new Given(array, offset, length).register();
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    apdu.setOutgoing();
    apdu.setOutgoingLength((short) given.length);
    apdu.sendBytesLong(given, (short) 0, (short) given.length);
  }
}
