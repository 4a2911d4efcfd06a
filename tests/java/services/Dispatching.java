// SPDX-License-Identifier: Apache-2.0
package uicclab.services;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.framework.service.BasicService;
import javacard.framework.service.Dispatcher;
import javacard.framework.service.ServiceException;

/** An applet of three services, one for each phase. */
public class Dispatching extends Applet {
  /** P1 01: the data with another sign. */
  static class Incoming extends BasicService {
    public boolean processDataIn(APDU apdu) {
      short length = receiveInData(apdu);
      byte[] buffer = apdu.getBuffer();
      for (short i = 0; getP1(apdu) == 1 && i < length; i++) buffer[(short) (5 + i)] ^= (byte) 0xFF;
      return false;
    }
  }

  static class Commands extends BasicService {
    public boolean processCommand(APDU apdu) {
      short length = receiveInData(apdu);
      switch (getINS(apdu)) {
        case 0x10:  // echoes
          setOutputLength(apdu, length);
          return succeed(apdu);
        case 0x11:
          return fail(apdu, ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        case 0x12:
          ISOException.throwIt(ISO7816.SW_WRONG_DATA);
          return true;
        case 0x13:  // a warning with data
          setOutputLength(apdu, (short) 1);
          return succeedWithStatusWord(apdu, (short) 0x6300);
        case 0x14:  // 256 bytes
          setOutputLength(apdu, (short) 256);
          return succeed(apdu);
        case 0x15:
          getOutputLength(apdu);
          return true;
        case 0x16:
          setProcessed(apdu);
          getP1(apdu);
          return true;
        case 0x18:
          setOutputLength(apdu, (short) 257);
          return true;
        default:
          return false;
      }
    }
  }

  /** What goes out, each byte one more. */
  static class Outgoing extends BasicService {
    public boolean processDataOut(APDU apdu) {
      byte[] buffer = apdu.getBuffer();
      for (short i = 0; i < getOutputLength(apdu); i++) buffer[(short) (5 + i)]++;
      return true;
    }
  }

  private final Dispatcher dispatcher = new Dispatcher((short) 4);
  private final Incoming incoming = new Incoming();
  private final Commands commands = new Commands();
  private final Outgoing outgoing = new Outgoing();

  public static void install(byte[] array, short offset, byte length) {
    Dispatching made = new Dispatching();
    made.dispatcher.addService(made.incoming, Dispatcher.PROCESS_INPUT_DATA);
    made.dispatcher.addService(made.commands, Dispatcher.PROCESS_COMMAND);
    made.dispatcher.addService(made.outgoing, Dispatcher.PROCESS_OUTPUT_DATA);
    made.register();
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    byte p1 = buffer[ISO7816.OFFSET_P1];
    try {
      switch (buffer[ISO7816.OFFSET_INS]) {
        case 0x20:  // phase P1 and what comes behind it, of the instruction P2
          buffer[ISO7816.OFFSET_INS] = buffer[ISO7816.OFFSET_P2];
          Exception exception = dispatcher.dispatch(apdu, p1);
          if (exception == null) ISOException.throwIt((short) 0x6F50);
          if (exception instanceof ISOException) ISOException.throwIt((short) (((ISOException) exception).getReason() + 1));
          if (exception instanceof ServiceException) ISOException.throwIt((short) (0x6F40 | ((ServiceException) exception).getReason()));
          break;
        case 0x21:  // phase P1: also the commands'
          dispatcher.addService(commands, p1);
          break;
        case 0x22:
          dispatcher.removeService(outgoing, p1);
          break;
        case 0x23:
          dispatcher.addService(null, p1);
          break;
        case 0x24:
          dispatcher.addService(outgoing, p1);
          break;
        case 0x25:
          new Dispatcher((short) -1);
          break;
        default:
          dispatcher.process(apdu);
      }
    } catch (ServiceException exception) {
      ISOException.throwIt((short) (0x6F30 | exception.getReason()));
    }
  }
}
