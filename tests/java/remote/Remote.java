// SPDX-License-Identifier: Apache-2.0
package uicclab.remote;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Shareable;
import javacard.framework.Util;
import uicc.toolkit.EnvelopeResponseHandler;
import uicc.toolkit.EnvelopeResponseHandlerSystem;
import uicc.toolkit.ProactiveHandler;
import uicc.toolkit.ProactiveHandlerSystem;
import uicc.toolkit.ToolkitInterface;
import uicc.toolkit.ToolkitRegistrySystem;
import uicc.usim.toolkit.ToolkitConstants;
import uicc.usim.toolkit.USATEnvelopeHandler;
import uicc.usim.toolkit.USATEnvelopeHandlerSystem;

/**
 * Secured packets for its TAR, which the card has opened: what comes is sent back, its first byte counted up; 55 as the first byte shows a
 * text after that. INS 01: the last data, behind how often it was triggered.
 */
public class Remote extends Applet implements ToolkitInterface, ToolkitConstants {
  private static final byte[] TEXT = {'R', 'e', 'm', 'o', 't', 'e'};
  private final byte[] data = new byte[220];
  private byte count;
  private short size;

  public static void install(byte[] array, short offset, byte length) {
    Remote applet = new Remote();
    applet.register(array, (short) (offset + 1), array[offset]);
    ToolkitRegistrySystem.getEntry().setEvent(EVENT_FORMATTED_SMS_PP_ENV);
  }

  public Shareable getShareableInterfaceObject(AID client, byte parameter) {
    return client == null && parameter == 1 ? this : null;
  }

  public void processToolkit(short event) {
    if (event != EVENT_FORMATTED_SMS_PP_ENV) return;
    count++;
    USATEnvelopeHandler envelope = USATEnvelopeHandlerSystem.getTheHandler();
    short offset = envelope.getSecuredDataOffset();
    size = envelope.getSecuredDataLength();
    envelope.copyValue(offset, data, (short) 0, size);
    EnvelopeResponseHandler answer = EnvelopeResponseHandlerSystem.getTheHandler();
    data[0]++;
    answer.appendArray(data, (short) 0, size);
    answer.post(true);
    if (data[0] != 0x56) return;
    ProactiveHandler command = ProactiveHandlerSystem.getTheHandler();
    command.initDisplayText((byte) 0x80, (byte) 4, TEXT, (short) 0, (short) TEXT.length);
    command.send();
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    if (buffer[ISO7816.OFFSET_INS] != 1) ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
    buffer[0] = count;
    Util.arrayCopyNonAtomic(data, (short) 0, buffer, (short) 1, size);
    apdu.setOutgoingAndSend((short) 0, (short) (1 + size));
  }
}
