// SPDX-License-Identifier: Apache-2.0
package uicclab.library;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;

/** An applet of another package begins with it. */
public abstract class BaseApplet extends Applet {
  protected short commands;

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    commands++;
    answer(apdu, apdu.getBuffer()[ISO7816.OFFSET_INS]);
  }

  protected abstract void answer(APDU apdu, byte instruction);
}
