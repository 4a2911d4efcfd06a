// SPDX-License-Identifier: Apache-2.0
package uicclab.sim;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import sim.toolkit.EnvelopeHandler;
import sim.toolkit.EnvelopeResponseHandler;
import sim.toolkit.MEProfile;
import sim.toolkit.ProactiveHandler;
import sim.toolkit.ProactiveResponseHandler;
import sim.toolkit.ToolkitConstants;
import sim.toolkit.ToolkitException;
import sim.toolkit.ToolkitInterface;
import sim.toolkit.ToolkitRegistry;

/**
 * A toolkit applet for SIMs (3GPP TS 43.019): its menu is made before it is registered, it is triggered itself. It asks for a name, and
 * greets. INS 01: the notes.
 */
public class SimMenu extends Applet implements ToolkitInterface, ToolkitConstants {
  private static final byte[] ENTRY = {'S', 'I', 'M'};
  private static final byte[] QUESTION = {'N', 'a', 'm', 'e', '?'};
  private static final byte[] HELLO = {'H', 'e', 'l', 'l', 'o', ' '};
  private static final short SIZE = 6;
  private final byte[] notes = new byte[SIZE];
  private final byte[] text = new byte[40];
  private final ToolkitRegistry registry;
  private final byte item;

  private SimMenu() {
    registry = ToolkitRegistry.getEntry();
    item = registry.initMenuEntry(ENTRY, (short) 0, (short) ENTRY.length, PRO_CMD_GET_INPUT, false, (byte) 0, (short) 0);
    byte[] events = {EVENT_PROFILE_DOWNLOAD, EVENT_UNRECOGNIZED_ENVELOPE};
    registry.setEventList(events, (short) 0, (short) events.length);
  }

  public static void install(byte[] array, short offset, byte length) {
    new SimMenu().register(array, (short) (offset + 1), array[offset]);
  }

  public void processToolkit(byte event) {
    if (event == EVENT_PROFILE_DOWNLOAD) {
      notes[0]++;
      if (MEProfile.check((short) 0)) notes[1] = 1;
    } else if (event == EVENT_UNRECOGNIZED_ENVELOPE) {
      notes[2] = EnvelopeHandler.getTheHandler().getEnvelopeTag();
    } else if (event == EVENT_MENU_SELECTION) {
      greet();
    }
  }

  private void greet() {
    if (EnvelopeHandler.getTheHandler().getItemIdentifier() == item) notes[3]++;
    ProactiveHandler command = ProactiveHandler.getTheHandler();
    command.initGetInput((byte) 1, DCS_8_BIT_DATA, QUESTION, (short) 0, (short) QUESTION.length, (short) 1, (short) 20);
    command.send();
    short length = Util.arrayCopyNonAtomic(HELLO, (short) 0, text, (short) 0, (short) HELLO.length);
    length = ProactiveResponseHandler.getTheHandler().copyTextString(text, length);
    try {
      EnvelopeResponseHandler.getTheHandler();
    } catch (ToolkitException e) {
      notes[4] = (byte) e.getReason();
    }
    try {
      registry.setEvent(EVENT_MENU_SELECTION);
    } catch (ToolkitException e) {
      notes[5] = (byte) e.getReason();
    }
    command.initDisplayText((byte) 0x81, DCS_8_BIT_DATA, text, (short) 0, length);
    command.send();
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    if (buffer[ISO7816.OFFSET_INS] != 1) ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
    Util.arrayCopyNonAtomic(notes, (short) 0, buffer, (short) 0, SIZE);
    apdu.setOutgoingAndSend((short) 0, SIZE);
  }
}
