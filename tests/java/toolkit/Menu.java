// SPDX-License-Identifier: Apache-2.0
package uicclab.toolkit;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Shareable;
import javacard.framework.Util;
import uicc.toolkit.EnvelopeHandler;
import uicc.toolkit.EnvelopeHandlerSystem;
import uicc.toolkit.EnvelopeResponseHandlerSystem;
import uicc.toolkit.ProactiveHandler;
import uicc.toolkit.ProactiveHandlerSystem;
import uicc.toolkit.ProactiveResponseHandlerSystem;
import uicc.toolkit.ToolkitConstants;
import uicc.toolkit.ToolkitException;
import uicc.toolkit.ToolkitInterface;
import uicc.toolkit.ToolkitRegistry;
import uicc.toolkit.ToolkitRegistrySystem;

/**
 * A toolkit applet with one menu entry: it shows a text, waits for the answer, and writes down what it saw. INS 01 reads the notes. What
 * the first parameter of the installation says goes wrong: 1 the menu text is longer than it may be.
 */
public class Menu extends Applet implements ToolkitInterface, ToolkitConstants {
  private static final byte[] TEXT = {'J', 'a', 'v', 'a'};

  // Places in the notes.
  private static final short STARTED = 0;
  private static final short IN_TRANSACTION = 1;
  private static final short RESULT = 2;
  private static final short DEPTH = 3;
  private static final short FINISHED = 4;
  private static final short UNRECOGNIZED = 5;
  private static final short REASON = 6;
  private static final short ITEM = 7;
  private static final short CLOSED = 8;
  private static final short SIZE = 9;

  private final byte[] notes = new byte[SIZE];
  private final ToolkitRegistry registry;

  private Menu(byte[] array, short offset) {
    register(array, (short) (offset + 1), array[offset]);
    registry = ToolkitRegistrySystem.getEntry();
    short at = (short) (offset + array[offset] + 1);
    at = (short) (at + array[at] + 1);
    short length = (short) TEXT.length;
    if (array[at] > 0 && array[(short) (at + 1)] == 1) {
      registry.initMenuEntry(new byte[40], (short) 0, (short) 40, (byte) 0, false, (byte) 0, (short) 0);
    }
    registry.initMenuEntry(TEXT, (short) 0, length, PRO_CMD_DISPLAY_TEXT, false, (byte) 0, (short) 0);
    registry.setEvent(EVENT_UNRECOGNIZED_ENVELOPE);
  }

  public static void install(byte[] array, short offset, byte length) {
    new Menu(array, offset);
  }

  public Shareable getShareableInterfaceObject(AID client, byte parameter) {
    return client == null && parameter == 1 ? this : null;
  }

  public void processToolkit(short event) {
    if (event == EVENT_MENU_SELECTION) {
      show();
    } else if (event == EVENT_UNRECOGNIZED_ENVELOPE) {
      notes[UNRECOGNIZED]++;
      try {
        ProactiveHandlerSystem.getTheHandler();
        notes[REASON] = (byte) 0xFF;
      } catch (ToolkitException e) {
        notes[REASON] = (byte) e.getReason();
      }
      if (EnvelopeHandlerSystem.getTheHandler().getTag() == (byte) 0xDE) ISOException.throwIt((short) 0x9300);
    }
  }

  private void show() {
    notes[STARTED]++;
    EnvelopeHandler envelope = EnvelopeHandlerSystem.getTheHandler();
    ProactiveHandler command = ProactiveHandlerSystem.getTheHandler();
    command.initDisplayText((byte) 0x81, (byte) 4, TEXT, (short) 0, (short) TEXT.length);
    JCSystem.beginTransaction();
    notes[IN_TRANSACTION] = 0x55;
    try {
      notes[RESULT] = command.send();
    } catch (ToolkitException e) {
      notes[RESULT] = (byte) (0xE0 + e.getReason());
    }
    notes[DEPTH] = JCSystem.getTransactionDepth();
    notes[ITEM] = envelope.getItemIdentifier();
    if (ProactiveResponseHandlerSystem.getTheHandler().getLength() > 0) notes[FINISHED]++;
    try {
      EnvelopeResponseHandlerSystem.getTheHandler();
      notes[CLOSED] = 0x01;
    } catch (ToolkitException e) {
      notes[CLOSED] = (byte) e.getReason();
    }
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    if (buffer[ISO7816.OFFSET_INS] != 1) ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
    Util.arrayCopyNonAtomic(notes, (short) 0, buffer, (short) 0, SIZE);
    apdu.setOutgoingAndSend((short) 0, SIZE);
  }
}
