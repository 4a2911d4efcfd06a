// SPDX-License-Identifier: Apache-2.0
package uicclab.platform;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import org.globalplatform.CVM;
import org.globalplatform.GPRegistryEntry;
import org.globalplatform.GPSystem;
import org.globalplatform.Personalization;
import org.globalplatform.SecureChannel;

/** An applet on GlobalPlatform's API: each command may come through the secure channel of its domain, INS says what it does. */
public class Platform extends Applet implements Personalization {
  private SecureChannel channel;
  private final byte[] kept = new byte[64];
  private final byte[] own = new byte[16];
  private final byte stateAtInstall;
  private short keptLength;

  private Platform() {
    stateAtInstall = GPSystem.getCardContentState();
  }

  public static void install(byte[] array, short offset, byte length) {
    new Platform().register();
  }

  public short processData(byte[] in, short inOffset, short inLength, byte[] out, short outOffset) {
    SecureChannel session = GPSystem.getSecureChannel();
    kept[0] = session.getSecurityLevel();
    short data = (short) (in[(short) (inOffset + ISO7816.OFFSET_LC)] & 0xFF);
    if (in[(short) (inOffset + ISO7816.OFFSET_P2)] == 1) {
      data = session.decryptData(in, (short) (inOffset + ISO7816.OFFSET_CDATA), data);
    }
    if (in[(short) (inOffset + ISO7816.OFFSET_P2)] == 2) ISOException.throwIt((short) 0x6A99);
    Util.arrayCopy(in, inOffset, kept, (short) 1, (short) (ISO7816.OFFSET_CDATA + data));
    keptLength = (short) (1 + ISO7816.OFFSET_CDATA + data);
    out[outOffset] = (byte) 0xAA;
    out[(short) (outOffset + 1)] = (byte) inLength;
    return 2;
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    if (channel == null) channel = GPSystem.getSecureChannel();
    byte ins = buffer[ISO7816.OFFSET_INS];
    if (ins == (byte) 0x50 || ins == (byte) 0x82 || ins == (byte) 0x78) {
      short length = channel.processSecurity(apdu);
      apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, length);
      return;
    }
    short received = apdu.setIncomingAndReceive();
    short length = channel.unwrap(buffer, (short) 0, (short) (ISO7816.OFFSET_CDATA + received));
    try {
      length = run(buffer, ins, (short) (buffer[ISO7816.OFFSET_LC] & 0xFF), length);
    } catch (SecurityException exception) {
      ISOException.throwIt((short) 0x6F32);
    }
    Util.setShort(buffer, length, ISO7816.SW_NO_ERROR);
    apdu.setOutgoingAndSend((short) 0, channel.wrap(buffer, (short) 0, (short) (length + 2)));
  }

  private short answer(byte[] buffer, boolean value) {
    buffer[0] = value ? (byte) 1 : (byte) 0;
    return 1;
  }

  private short run(byte[] buffer, byte ins, short size, short length) {
    byte p1 = buffer[ISO7816.OFFSET_P1];
    byte p2 = buffer[ISO7816.OFFSET_P2];
    short data = ISO7816.OFFSET_CDATA;
    switch (ins) {
      case 1:
        buffer[0] = channel.getSecurityLevel();
        buffer[1] = GPSystem.getCardState();
        buffer[2] = GPSystem.getCardContentState();
        buffer[3] = stateAtInstall;
        return 4;
      case 2:  // the command as unwrap() left it
        return length;
      case 3:
        size = channel.decryptData(buffer, data, size);
        return Util.arrayCopyNonAtomic(buffer, data, buffer, (short) 0, size);
      case 4:
        size = channel.encryptData(buffer, data, size);
        return Util.arrayCopyNonAtomic(buffer, data, buffer, (short) 0, size);
      case 5:
        return answer(buffer, GPSystem.setCardContentState(p1));
      case 6:
        return answer(buffer, p1 == 1 ? GPSystem.lockCard() : GPSystem.terminateCard());
      case 7:
        return answer(buffer, GPSystem.setATRHistBytes(buffer, data, (byte) size));
      case 8:
        return registry(buffer, p1, p2, data, size);
      case 9:
        return pin(buffer, p1, p2, data, (byte) size);
      case 10:
        return Util.arrayCopyNonAtomic(kept, (short) 0, buffer, (short) 0, keptLength);
      case 11:
        channel.resetSecurity();
        return answer(buffer, true);
      case 12:
        GPSystem.getRegistryEntry(null).registerService((short) 0x8211);
        return 0;
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        return 0;
    }
  }

  private short registry(byte[] buffer, byte privilege, byte state, short data, short size) {
    GPRegistryEntry entry = GPSystem.getRegistryEntry(size == 0 ? null : new AID(buffer, data, (byte) size));
    if (entry == null) return 0;
    if (state != 0) return answer(buffer, entry.setState(state));
    short at = entry.getPrivileges(buffer, (short) 0);
    buffer[at++] = entry.getState();
    buffer[at++] = entry.isPrivileged(privilege) ? (byte) 1 : (byte) 0;
    buffer[at++] = entry.isAssociated(entry.getAID()) ? (byte) 1 : (byte) 0;
    return (short) (at + entry.getAID().getBytes(buffer, at));
  }

  private short pin(byte[] buffer, byte what, byte value, short data, byte size) {
    CVM pin = GPSystem.getCVM(what == (byte) 0xFF ? (byte) 1 : GPSystem.CVM_GLOBAL_PIN);
    if (pin == null) return 0;
    switch (what) {
      case 0:
        buffer[0] = pin.isActive() ? (byte) 1 : (byte) 0;
        buffer[1] = pin.isSubmitted() ? (byte) 1 : (byte) 0;
        buffer[2] = pin.isVerified() ? (byte) 1 : (byte) 0;
        buffer[3] = pin.isBlocked() ? (byte) 1 : (byte) 0;
        buffer[4] = pin.getTriesRemaining();
        return 5;
      case 1:
        return answer(buffer, pin.update(buffer, data, size, value));
      case 2:
        return answer(buffer, pin.setTryLimit(value));
      case 3:
        return answer(buffer, pin.verify(buffer, data, size, value) == CVM.CVM_SUCCESS);
      case 4:
        return answer(buffer, pin.resetState());
      case 5:
        return answer(buffer, pin.blockState());
      case 6:
        return answer(buffer, pin.resetAndUnblockState());
      case 7:
        return answer(buffer, pin.verify(own, (short) 0, size, value) == CVM.CVM_SUCCESS);
      default:
        JCSystem.beginTransaction();
        boolean right = pin.verify(buffer, data, size, value) == CVM.CVM_SUCCESS;
        JCSystem.abortTransaction();
        return answer(buffer, right);
    }
  }
}
