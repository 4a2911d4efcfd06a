// SPDX-License-Identifier: Apache-2.0
package uicclab.platform;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import org.globalplatform.Application;

/** Keeps what its security domain passes on to it; its answer to any command. */
public class Listener extends Applet implements Application {
  private final byte[] kept = new byte[64];
  private short length;

  public static void install(byte[] array, short offset, byte length) {
    new Listener().register();
  }

  public void processData(byte[] data, short offset, short size) {
    if (size == 6) JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
    if (size == 7) kept[64] = 1;
    Util.arrayCopy(data, offset, kept, (short) 0, size);
    length = size;
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    Util.arrayCopyNonAtomic(kept, (short) 0, apdu.getBuffer(), (short) 0, length);
    apdu.setOutgoingAndSend((short) 0, length);
  }
}
