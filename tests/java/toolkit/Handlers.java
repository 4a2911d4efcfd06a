// SPDX-License-Identifier: Apache-2.0
package uicclab.toolkit;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Shareable;
import javacard.framework.SystemException;
import javacard.framework.Util;
import uicc.system.HandlerBuilder;
import uicc.system.UICCPlatform;
import uicc.toolkit.BERTLVEditHandler;
import uicc.toolkit.EditHandler;
import uicc.toolkit.EnvelopeHandler;
import uicc.toolkit.EnvelopeHandlerSystem;
import uicc.toolkit.EnvelopeResponseHandler;
import uicc.toolkit.EnvelopeResponseHandlerSystem;
import uicc.toolkit.TerminalProfile;
import uicc.toolkit.ToolkitConstants;
import uicc.toolkit.ToolkitException;
import uicc.toolkit.ToolkitInterface;
import uicc.toolkit.ToolkitRegistry;
import uicc.toolkit.ToolkitRegistrySystem;

/**
 * Checks of uicc.toolkit and uicc.system, one after the other, when an unrecognized envelope comes; INS 01 reads how many there were and the
 * number of the first that failed (0: none).
 */
public class Handlers extends Applet implements ToolkitInterface, ToolkitConstants {
  private static final byte[] BYTES = {1, 2, 3, (byte) 0x99};

  private final byte[] result = new byte[2];
  private final byte[] buffer = new byte[16];
  private final ToolkitRegistry registry;
  private byte expected;

  private Handlers(byte[] array, short offset) {
    register(array, (short) (offset + 1), array[offset]);
    registry = ToolkitRegistrySystem.getEntry();
    registry.setEvent(EVENT_UNRECOGNIZED_ENVELOPE);
  }

  public static void install(byte[] array, short offset, byte length) {
    new Handlers(array, offset);
  }

  public Shareable getShareableInterfaceObject(AID client, byte parameter) {
    return client == null && parameter == 1 ? this : null;
  }

  private void check(boolean holds) {
    result[0]++;
    if (!holds && result[1] == 0) result[1] = result[0];
  }

  /** The exception that comes next, by its reason. */
  private void expect(short reason) {
    expected = (byte) reason;
  }

  private void caught(ToolkitException e) {
    check(e.getReason() == expected);
  }

  public void processToolkit(short event) {
    Util.arrayFillNonAtomic(result, (short) 0, (short) 2, (byte) 0);
    view((EditHandler) HandlerBuilder.buildTLVHandler(HandlerBuilder.EDIT_HANDLER, (short) 32));
    edit((BERTLVEditHandler) HandlerBuilder.buildTLVHandler(HandlerBuilder.BER_EDIT_HANDLER, (short) 16, BYTES, (short) 0, (short) 2));
    envelope();
    profile();
    events();
    timers();
    check(UICCPlatform.getTheVolatileByteArray().length >= 256);
    try {
      HandlerBuilder.buildTLVHandler((byte) 3, (short) 16);
      check(false);
    } catch (SystemException e) {
      check(e.getReason() == SystemException.ILLEGAL_VALUE);
    }
  }

  private void view(EditHandler handler) {
    handler.appendTLV((byte) 0x82, (byte) 0x11, (byte) 0x22);
    handler.appendTLV((byte) 0x0D, BYTES, (short) 0, (short) 4);
    handler.appendTLV((byte) 0x8D, (byte) 5, BYTES, (short) 0, (short) 2);
    check(handler.getLength() == 15 && handler.getCapacity() == 32);
    check(handler.findTLV((byte) 0x02, (byte) 1) == TLV_FOUND_CR_SET);
    check(handler.getValueShort((short) 0) == 0x1122 && handler.getValueByte((short) 1) == 0x22);
    check(handler.findTLV((byte) 0x8D, (byte) 1) == TLV_FOUND_CR_NOT_SET && handler.getValueLength() == 4);
    check(handler.findTLV((byte) 0x0D, (byte) 2) == TLV_FOUND_CR_SET && handler.getValueLength() == 3);
    check(handler.findAndCopyValue((byte) 0x0D, buffer, (short) 1) == 5 && buffer[4] == (byte) 0x99);
    check(handler.findAndCompareValue((byte) 0x0D, BYTES, (short) 0) == 0);
    // Bytes have a sign: 3 is more than 99.
    check(handler.findAndCompareValue((byte) 0x0D, (byte) 1, (short) 2, BYTES, (short) 3, (short) 1) == 1);
    check(handler.copyValue((short) 3, buffer, (short) 0, (short) 1) == 1 && buffer[0] == (byte) 0x99);
    expect(ToolkitException.OUT_OF_TLV_BOUNDARIES);
    try {
      handler.copyValue((short) 3, buffer, (short) 0, (short) 2);
      check(false);
    } catch (ToolkitException e) {
      caught(e);
    }
    expect(ToolkitException.UNAVAILABLE_ELEMENT);
    try {
      handler.findAndCopyValue((byte) 0x33, buffer, (short) 0);
      check(false);
    } catch (ToolkitException e) {
      caught(e);
    }
    try {
      handler.getValueLength();
      check(false);
    } catch (ToolkitException e) {
      caught(e);
    }
    expect(ToolkitException.BAD_INPUT_PARAMETER);
    try {
      handler.findTLV((byte) 0x0D, (byte) 0);
      check(false);
    } catch (ToolkitException e) {
      caught(e);
    }
    try {
      handler.copy(null, (short) 0, (short) 1);
      check(false);
    } catch (NullPointerException e) {
      check(true);
    }
  }

  private void edit(BERTLVEditHandler handler) {
    handler.setTag((byte) 0xD1);
    check(handler.getTag() == (byte) 0xD1 && handler.getLength() == 2 && handler.getSize() == 4);
    handler.clear();
    handler.appendTLV((byte) 0x01, (byte) 1, (short) 0x0203);
    handler.appendTLV((byte) 0x02, BYTES, (short) 0, (short) 1, BYTES, (short) 2, (short) 2);
    check(handler.getLength() == 10 && handler.copy(buffer, (short) 0, (short) 10) == 10 && buffer[8] == 3 && buffer[9] == (byte) 0x99);
    expect(ToolkitException.HANDLER_OVERFLOW);
    try {
      handler.appendArray(buffer, (short) 0, (short) 7);
      check(false);
    } catch (ToolkitException e) {
      caught(e);
    }
    check(handler.getLength() == 10);
  }

  private void envelope() {
    EnvelopeHandler handler = EnvelopeHandlerSystem.getTheHandler();
    check(handler.getTag() == (byte) 0xDD && handler.getLength() == 4 && handler.getSize() == 6);
    EnvelopeResponseHandler answer = EnvelopeResponseHandlerSystem.getTheHandler();
    answer.appendTLV((byte) 0x81, (short) 0x1234);
    answer.postAsBERTLV(false, (byte) 0xA1);
    expect(ToolkitException.HANDLER_NOT_AVAILABLE);
    try {
      answer.getLength();
      check(false);
    } catch (ToolkitException e) {
      caught(e);
    }
  }

  private void profile() {
    check(TerminalProfile.check((short) 0) && !TerminalProfile.check((short) 1));
    check(TerminalProfile.getValue((short) 15, (short) 8) == 0xA5);
    check(TerminalProfile.copy((short) 1, buffer, (short) 0, (short) 3) == 3 && buffer[0] == (byte) 0xA5 && buffer[2] == 0);
    expect(ToolkitException.BAD_INPUT_PARAMETER);
    try {
      TerminalProfile.getValue((short) 8, (short) 15);
      check(false);
    } catch (ToolkitException e) {
      caught(e);
    }
  }

  private void events() {
    check(!registry.isEventSet(EVENT_EVENT_DOWNLOAD_MT_CALL));
    short[] list = {EVENT_EVENT_DOWNLOAD_MT_CALL, EVENT_MENU_SELECTION};
    expect(ToolkitException.EVENT_NOT_ALLOWED);
    try {
      registry.setEventList(list, (short) 0, (short) 2);
      check(false);
    } catch (ToolkitException e) {
      caught(e);
    }
    check(!registry.isEventSet(EVENT_EVENT_DOWNLOAD_MT_CALL));
    registry.setEventList(list, (short) 0, (short) 1);
    check(registry.isEventSet(EVENT_EVENT_DOWNLOAD_MT_CALL));
    registry.clearEvent(EVENT_EVENT_DOWNLOAD_MT_CALL);
    check(!registry.isEventSet(EVENT_EVENT_DOWNLOAD_MT_CALL));
    check(ToolkitRegistrySystem.getEntry() == registry);
    check(!ToolkitRegistrySystem.isPrioritizedProactiveHandlerAvailableEventSet());
  }

  private void timers() {
    check(registry.allocateTimer() == 1 && registry.isEventSet(EVENT_TIMER_EXPIRATION));
    expect(ToolkitException.NO_TIMER_AVAILABLE);
    try {
      registry.allocateTimer();
      check(false);
    } catch (ToolkitException e) {
      caught(e);
    }
    registry.releaseTimer((byte) 1);
    check(!registry.isEventSet(EVENT_TIMER_EXPIRATION));
    check(registry.allocateServiceIdentifier() == 0);
    registry.releaseServiceIdentifier((byte) 0);
    registry.requestPollInterval((short) 60);
    check(registry.isEventSet(EVENT_STATUS_COMMAND));
    registry.requestPollInterval(POLL_NO_DURATION);
    check(registry.getPollInterval() == 0);
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] out = apdu.getBuffer();
    if (out[ISO7816.OFFSET_INS] != 1) ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
    Util.arrayCopyNonAtomic(result, (short) 0, out, (short) 0, (short) 2);
    apdu.setOutgoingAndSend((short) 0, (short) 2);
  }
}
