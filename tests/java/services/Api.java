// SPDX-License-Identifier: Apache-2.0
package uicclab.services;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.SensitiveArrays;
import javacard.framework.SystemException;
import javacard.framework.Util;
import javacardx.framework.util.ArrayLogic;
import javacardx.framework.util.UtilException;
import javacardx.framework.util.intx.JCint;

/** Runs a case of the API, INS its number, and answers what came out; an exception is 6Fxx: its kind and reason. */
public class Api extends Applet {
  private final byte[] bytes = new byte[16];
  private final short[] shorts = new short[8];
  private Object kept;
  private byte reselected;

  public static void install(byte[] array, short offset, byte length) {
    new Api().register();
  }

  public boolean select() {
    if (reSelectingApplet()) reselected |= 2;
    return true;
  }

  public void deselect() {
    reselected = 0;
    if (reSelectingApplet()) reselected |= 1;
  }

  public void process(APDU apdu) {
    byte[] buffer = apdu.getBuffer();
    if (selectingApplet()) {
      if (reSelectingApplet()) reselected |= 4;
      return;
    }
    short length = 0;
    try {
      length = run(buffer, buffer[ISO7816.OFFSET_INS]);
    } catch (UtilException exception) {
      ISOException.throwIt((short) (0x6F10 | exception.getReason()));
    } catch (SystemException exception) {
      ISOException.throwIt((short) (0x6F20 | exception.getReason()));
    } catch (ArrayIndexOutOfBoundsException exception) {
      ISOException.throwIt((short) 0x6F30);
    } catch (NullPointerException exception) {
      ISOException.throwIt((short) 0x6F31);
    } catch (SecurityException exception) {
      ISOException.throwIt((short) 0x6F32);
    }
    apdu.setOutgoingAndSend((short) 0, length);
  }

  private short shortAnswer(byte[] buffer, short value) {
    return Util.setShort(buffer, (short) 0, value);
  }

  private short run(byte[] buffer, byte number) {
    short i;
    for (i = 0; i < 16; i++) bytes[i] = (byte) (i + 1);
    for (i = 0; i < 8; i++) shorts[i] = (short) (0x1000 + i);
    switch (number) {
      case 0x01:
        buffer[0] = reselected;
        return 1;
      case 0x02: {  // both halves of the memory that is left
        JCSystem.getAvailableMemory(shorts, (short) 2, JCSystem.MEMORY_TYPE_PERSISTENT);
        Util.setShort(buffer, (short) 0, shorts[2]);
        return Util.setShort(buffer, (short) 2, shorts[3]);
      }
      case 0x03:
        JCSystem.getAvailableMemory(shorts, (short) 7, JCSystem.MEMORY_TYPE_PERSISTENT);
        return 0;
      case 0x04:
        JCSystem.getAvailableMemory(shorts, (short) 0, (byte) 3);
        return 0;
      case 0x05: {  // a global array
        byte[] global = (byte[]) JCSystem.makeGlobalArray(JCSystem.ARRAY_TYPE_BYTE, (short) 5);
        global[4] = 7;
        buffer[0] = JCSystem.isTransient(global);
        buffer[1] = global[4];
        buffer[2] = (byte) global.length;
        return 3;
      }
      case 0x06:  // cannot be kept
        kept = JCSystem.makeGlobalArray(JCSystem.ARRAY_TYPE_SHORT, (short) 5);
        return 0;
      case 0x07:
        JCSystem.makeGlobalArray((byte) 9, (short) 5);
        return 0;
      case 0x08: {  // an integrity-sensitive array
        byte[] array = (byte[]) SensitiveArrays.makeIntegritySensitiveArray(JCSystem.ARRAY_TYPE_BYTE, JCSystem.MEMORY_TYPE_PERSISTENT,
            (short) 4);
        kept = array;
        Util.arrayCopy(bytes, (short) 0, array, (short) 0, (short) 4);
        SensitiveArrays.assertIntegrity(array);
        buffer[0] = (byte) (SensitiveArrays.isIntegritySensitive(array) ? 1 : 0);
        buffer[1] = (byte) (SensitiveArrays.isIntegritySensitive(bytes) ? 1 : 0);
        buffer[2] = array[3];
        buffer[3] = (byte) SensitiveArrays.clearArray(array);
        buffer[4] = array[3];
        return 5;
      }
      case 0x09:
        SensitiveArrays.assertIntegrity(bytes);
        return 0;
      case 0x0A:
        SensitiveArrays.clearArray(null);
        return 0;
      case 0x0B:  // what was kept, after a reset too
        buffer[0] = (byte) (SensitiveArrays.isIntegritySensitive(kept) ? 1 : 0);
        return 1;
      case 0x0C:
        Util.arrayCopyNonAtomic(bytes, (short) 0, (byte[]) kept, (short) 0, (short) 1);
        return 0;
      case 0x11:  // four bytes become two shorts
        shortAnswer(buffer, ArrayLogic.arrayCopyRepack(bytes, (short) 1, (short) 4, shorts, (short) 3));
        Util.setShort(buffer, (short) 2, shorts[3]);
        Util.setShort(buffer, (short) 4, shorts[4]);
        return Util.setShort(buffer, (short) 6, shorts[5]);
      case 0x12:  // two shorts become four bytes
        shortAnswer(buffer, ArrayLogic.arrayCopyRepackNonAtomic(shorts, (short) 1, (short) 2, bytes, (short) 3));
        Util.arrayCopy(bytes, (short) 2, buffer, (short) 2, (short) 6);
        return 8;
      case 0x13:
        ArrayLogic.arrayCopyRepack(bytes, (short) 0, (short) 3, shorts, (short) 0);
        return 0;
      case 0x14:
        ArrayLogic.arrayCopyRepack(bytes, (short) 0, (short) 4, shorts, (short) 7);
        return 0;
      case 0x15:
        ArrayLogic.arrayCopyRepack(this, (short) 0, (short) 4, shorts, (short) 7);
        return 0;
      case 0x16:
        ArrayLogic.arrayCopyRepack(new boolean[4], (short) 0, (short) 4, shorts, (short) 0);
        return 0;
      case 0x17:
        ArrayLogic.arrayCopyRepack(bytes, (short) 0, (short) 4, null, (short) 0);
        return 0;
      case 0x18:
        shortAnswer(buffer, ArrayLogic.arrayFillGenericNonAtomic(shorts, (short) 1, (short) 3, shorts, (short) 7));
        Util.setShort(buffer, (short) 2, shorts[0]);
        Util.setShort(buffer, (short) 4, shorts[3]);
        return Util.setShort(buffer, (short) 6, shorts[4]);
      case 0x19:
        ArrayLogic.arrayFillGenericNonAtomic(shorts, (short) 1, (short) 3, bytes, (short) 7);
        return 0;
      case 0x1A: {
        short[] other = new short[] {0x1000, (short) 0x8000};
        buffer[0] = ArrayLogic.arrayCompareGeneric(shorts, (short) 0, other, (short) 0, (short) 2);
        buffer[1] = ArrayLogic.arrayCompareGeneric(other, (short) 0, shorts, (short) 0, (short) 2);
        buffer[2] = ArrayLogic.arrayCompareGeneric(shorts, (short) 0, other, (short) 0, (short) 1);
        buffer[3] = ArrayLogic.arrayCompareGeneric(bytes, (short) 0, bytes, (short) 1, (short) 1);
        return 4;
      }
      case 0x1B:
        shortAnswer(buffer, ArrayLogic.arrayFindGeneric(shorts, (short) 1, new byte[] {0, 0x10, 0x05}, (short) 1));
        Util.setShort(buffer, (short) 2, ArrayLogic.arrayFindGeneric(shorts, (short) 6, new byte[] {0x10, 0x05}, (short) 0));
        return Util.setShort(buffer, (short) 4, ArrayLogic.arrayFindGeneric(bytes, (short) 0, new byte[] {9}, (short) 0));
      case 0x1C:
        UtilException.throwIt(UtilException.TYPE_MISMATCHED);
      case 0x21: {  // ints
        int[] ints = JCint.makeTransientIntArray((short) 3, JCSystem.CLEAR_ON_RESET);
        ints[0] = JCint.makeInt((byte) 0x81, (byte) 0x82, (byte) 0x03, (byte) 0x04);
        ints[1] = JCint.makeInt((short) 0x1122, (short) 0xF344);
        ints[2] = JCint.getInt(bytes, (short) 2);
        short at = 0;
        for (i = 0; i < 3; i++) at = JCint.setInt(buffer, at, ints[i] + 1);
        return at;
      }
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        return 0;
    }
  }
}
