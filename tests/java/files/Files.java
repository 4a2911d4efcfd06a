// SPDX-License-Identifier: Apache-2.0
package uicclab.files;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Shareable;
import javacard.framework.SystemException;
import javacard.framework.Util;
import uicc.access.FileView;
import uicc.access.UICCException;
import uicc.access.UICCSystem;
import uicc.access.bertlvfile.BERTLVFileView;
import uicc.access.fileadministration.AdminException;
import uicc.access.fileadministration.AdminFileView;
import uicc.access.fileadministration.AdminFileViewBuilder;
import uicc.system.HandlerBuilder;
import uicc.toolkit.EditHandler;
import uicc.toolkit.EnvelopeHandler;
import uicc.toolkit.EnvelopeHandlerSystem;
import uicc.toolkit.ToolkitConstants;
import uicc.toolkit.ToolkitException;
import uicc.toolkit.ToolkitInterface;
import uicc.toolkit.ToolkitRegistry;
import uicc.toolkit.ToolkitRegistrySystem;

/**
 * Each method of the file views as a command: INS is the method, P1 the number of a view, the data its arguments. A reason of
 * UICCException is the status 64xx, of AdminException 65xx, of SystemException 66xx, of ToolkitException 6F8x; 6F01 is a
 * NullPointerException, 6F02 an ArrayIndexOutOfBoundsException, 6F03 a SecurityException.
 */
public class Files extends Applet implements ToolkitInterface, ToolkitConstants {
  private static final short DATA = ISO7816.OFFSET_CDATA;
  private static final byte TAG_FILE_LIST = 0x12;

  private final FileView[] views = new FileView[4];
  private final EditHandler fcp = (EditHandler) HandlerBuilder.buildTLVHandler(HandlerBuilder.EDIT_HANDLER, (short) 120);
  private final short[] numbers = new short[20];
  private final int[] tags = new int[10];
  private final byte[] result = new byte[200];
  private final byte[] list = new byte[20];
  private short listed;
  private byte events;
  private final ToolkitRegistry registry;

  private Files(byte[] array, short offset) {
    if (UICCSystem.getTheUICCView(JCSystem.CLEAR_ON_RESET) != null) ISOException.throwIt(ISO7816.SW_UNKNOWN);
    register(array, (short) (offset + 1), array[offset]);
    registry = ToolkitRegistrySystem.getEntry();
  }

  public static void install(byte[] array, short offset, byte length) {
    new Files(array, offset);
  }

  public Shareable getShareableInterfaceObject(AID client, byte parameter) {
    return client == null && parameter == 1 ? this : null;
  }

  public void processToolkit(short event) {
    if (event != EVENT_EXTERNAL_FILE_UPDATE) return;
    events++;
    EnvelopeHandler envelope = EnvelopeHandlerSystem.getTheHandler();
    listed = envelope.findAndCopyValue(TAG_FILE_LIST, list, (short) 0);
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    short length = apdu.setIncomingAndReceive();
    short size = 0;
    try {
      size = run(buffer, length);
    } catch (UICCException e) {
      ISOException.throwIt((short) (0x6400 + e.getReason()));
    } catch (AdminException e) {
      ISOException.throwIt((short) (0x6500 + e.getReason()));
    } catch (SystemException e) {
      ISOException.throwIt((short) (0x6600 + e.getReason()));
    } catch (ToolkitException e) {
      ISOException.throwIt((short) (0x6F80 + e.getReason()));
    } catch (NullPointerException e) {
      ISOException.throwIt((short) 0x6F01);
    } catch (ArrayIndexOutOfBoundsException e) {
      ISOException.throwIt((short) 0x6F02);
    } catch (SecurityException e) {
      ISOException.throwIt((short) 0x6F03);
    }
    if (size == 0) return;
    Util.arrayCopyNonAtomic(result, (short) 0, buffer, (short) 0, size);
    apdu.setOutgoingAndSend((short) 0, size);
  }

  private short run(byte[] buffer, short length) {
    byte number = buffer[ISO7816.OFFSET_P1];
    byte parameter = buffer[ISO7816.OFFSET_P2];
    FileView view = views[number];
    switch (buffer[ISO7816.OFFSET_INS]) {
      case 0x10:
        views[number] = UICCSystem.getTheUICCView(parameter);
        return 0;
      case 0x11:
        views[number] = UICCSystem.getTheFileView(buffer, DATA, (byte) length, parameter);
        return found(views[number]);
      case 0x12:
        views[number] = AdminFileViewBuilder.getTheUICCAdminFileView(parameter);
        return 0;
      case 0x13:
        views[number] = AdminFileViewBuilder.getTheAdminFileView(new AID(buffer, DATA, (byte) length), parameter);
        return found(views[number]);
      case 0x14:
        views[number] = new FalseView();
        return 0;
      case 0x20:
        return view.select(Util.getShort(buffer, DATA), result, (short) 0, (short) result.length);
      case 0x21:
        view.select(parameter);
        return 0;
      case 0x22:
        return view.status(result, (short) 0, (short) result.length);
      case 0x23:
        return view.readBinary(Util.getShort(buffer, DATA), result, (short) 0, Util.getShort(buffer, (short) (DATA + 2)));
      case 0x24:
        view.updateBinary(Util.getShort(buffer, DATA), buffer, (short) (DATA + 2), (short) (length - 2));
        return 0;
      case 0x25:
        return view.readRecord(Util.getShort(buffer, DATA), buffer[DATA + 2], Util.getShort(buffer, (short) (DATA + 3)), result, (short) 0,
            Util.getShort(buffer, (short) (DATA + 5)));
      case 0x26:
        view.updateRecord(Util.getShort(buffer, DATA), buffer[DATA + 2], Util.getShort(buffer, (short) (DATA + 3)), buffer,
            (short) (DATA + 5), (short) (length - 5));
        return 0;
      case 0x27:
        return search(view, buffer, length);
      case 0x28:
        return view.increase(buffer, DATA, length, result, (short) 0);
      case 0x29:
        view.deactivateFile();
        return 0;
      case 0x2A:
        view.activateFile();
        return 0;
      case 0x2B:
        fill(buffer, length);
        ((AdminFileView) view).createFile(fcp);
        return 0;
      case 0x2C:
        ((AdminFileView) view).deleteFile(Util.getShort(buffer, DATA));
        return 0;
      case 0x2D:
        fill(buffer, length);
        ((AdminFileView) view).resizeFile(fcp);
        return 0;
      case 0x2E:  // null for the arrays, where the APDU says so
        view.readBinary((short) 0, null, (short) 0, (short) 1);
        return 0;
      default:
        return runMore(view, buffer, length);
    }
  }

  private short runMore(FileView view, byte[] buffer, short length) {
    byte parameter = buffer[ISO7816.OFFSET_P2];
    switch (buffer[ISO7816.OFFSET_INS]) {
      case 0x30: {
        short wanted = Util.getShort(buffer, (short) (DATA + 8));
        int left = ((BERTLVFileView) view).retrieveData(number(buffer, DATA), number(buffer, (short) (DATA + 4)), result, (short) 0, wanted);
        return put(left, wanted);
      }
      case 0x31: {
        short wanted = Util.getShort(buffer, DATA);
        int left = ((BERTLVFileView) view).getTAGList(parameter, tags, (short) 0, wanted);
        for (short i = 0; i < wanted; i++) put(tags[i], (short) (4 * i));
        return put(left, (short) (4 * wanted));
      }
      case 0x32:
        return put(((BERTLVFileView) view).setData(number(buffer, DATA), parameter, number(buffer, (short) (DATA + 4)), buffer,
            (short) (DATA + 8), (short) (length - 8)), (short) 0);
      case 0x33:
        ((BERTLVFileView) view).deleteData(number(buffer, DATA));
        return 0;
      case 0x40:
        registry.registerFileEvent(Util.getShort(buffer, DATA), view);
        return 0;
      case 0x41:
        registry.deregisterFileEvent(EVENT_EXTERNAL_FILE_UPDATE, view);
        return 0;
      case 0x42:
        result[0] = events;
        result[1] = registry.isEventSet(EVENT_EXTERNAL_FILE_UPDATE) ? (byte) 1 : (byte) 0;
        Util.arrayCopyNonAtomic(list, (short) 0, result, (short) 2, listed);
        return (short) (2 + listed);
      case 0x50:
        JCSystem.beginTransaction();
        view.updateBinary((short) 0, buffer, DATA, length);
        if (parameter == 0) {
          JCSystem.abortTransaction();
        } else {
          JCSystem.commitTransaction();
        }
        return 0;
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        return 0;
    }
  }

  private short search(FileView view, byte[] buffer, short length) {
    short found = view.searchRecord(buffer[DATA], Util.getShort(buffer, (short) (DATA + 1)), Util.getShort(buffer, (short) (DATA + 3)), buffer,
        (short) (DATA + 5), (short) (length - 5), numbers, (short) 0, (short) numbers.length);
    result[0] = (byte) found;
    for (short i = 0; i < found; i++) result[(short) (1 + i)] = (byte) numbers[i];
    return (short) (1 + found);
  }

  private void fill(byte[] buffer, short length) {
    fcp.clear();
    fcp.appendArray(buffer, DATA, length);
  }

  private short found(FileView view) {
    result[0] = view == null ? (byte) 0 : (byte) 1;
    return 1;
  }

  private static int number(byte[] from, short at) {
    return ((int) Util.getShort(from, at) << 16) | ((int) Util.getShort(from, (short) (at + 2)) & 0xFFFF);
  }

  /** Four bytes; where they end. */
  private short put(int value, short at) {
    Util.setShort(result, at, (short) (value >> 16));
    return Util.setShort(result, (short) (at + 2), (short) value);
  }
}
