// SPDX-License-Identifier: Apache-2.0
package uicclab.services;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.framework.OwnerPINBuilder;
import javacard.framework.OwnerPINx;
import javacard.framework.OwnerPINxWithPredecrement;
import javacard.framework.PIN;
import javacard.framework.PINException;
import javacard.framework.SystemException;
import javacard.framework.Util;
import javacardx.framework.math.BCDUtil;
import javacardx.framework.math.BigNumber;
import javacardx.framework.math.ParityBit;
import javacardx.framework.tlv.BERTLV;
import javacardx.framework.tlv.BERTag;
import javacardx.framework.tlv.ConstructedBERTLV;
import javacardx.framework.tlv.ConstructedBERTag;
import javacardx.framework.tlv.PrimitiveBERTLV;
import javacardx.framework.tlv.PrimitiveBERTag;
import javacardx.framework.tlv.TLVException;

/** Each instruction calls a method with what the command brings; an exception is answered as 6Fxx: its kind and reason. */
public class Extras extends Applet {
  private final byte[] in = new byte[256];
  private final byte[] out = new byte[512];
  private final PIN[] pins = new PIN[3];
  private final BigNumber number = new BigNumber((short) 32);
  private BERTLV tlv;
  private ConstructedBERTLV tree;

  public static void install(byte[] array, short offset, byte length) {
    new Extras().register();
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    short size = (short) (buffer[ISO7816.OFFSET_LC] & 0xFF);
    byte p1 = buffer[ISO7816.OFFSET_P1];
    byte p2 = buffer[ISO7816.OFFSET_P2];
    byte ins = buffer[ISO7816.OFFSET_INS];
    if (apdu.setIncomingAndReceive() == 0) size = 0;
    Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, in, (short) 0, size);
    Util.arrayFillNonAtomic(out, (short) 0, (short) out.length, (byte) 0);
    short length = 0;
    try {
      length = run(ins, p1, p2, size);
    } catch (PINException exception) {
      ISOException.throwIt((short) (0x6F10 | exception.getReason()));
    } catch (SystemException exception) {
      ISOException.throwIt((short) (0x6F20 | exception.getReason()));
    } catch (TLVException exception) {
      ISOException.throwIt((short) (0x6F40 | exception.getReason()));
    } catch (ArrayIndexOutOfBoundsException exception) {
      ISOException.throwIt((short) 0x6F30);
    } catch (NullPointerException exception) {
      ISOException.throwIt((short) 0x6F31);
    } catch (ArithmeticException exception) {
      ISOException.throwIt((short) 0x6F33);
    }
    apdu.setOutgoing();
    apdu.setOutgoingLength(length);
    apdu.sendBytesLong(out, (short) 0, length);
  }

  private short run(byte ins, byte p1, byte p2, short size) {
    if (ins < 0x20) return runPin(ins, p1, p2, size);
    if (ins < 0x40) return runNumber(ins, p1, p2, size);
    return runTlv(ins, p1, p2, size);
  }

  private short number(short value) {
    return Util.setShort(out, (short) 0, value);
  }

  private short flag(boolean value) {
    out[0] = (byte) (value ? 1 : 0);
    return (short) 1;
  }

  /** P1: which of the three. */
  private short runPin(byte ins, byte p1, byte p2, short size) {
    PIN pin = pins[p1];
    switch (ins) {
      case 0x01:  // kind P1 + 1, limit P2, size: the first byte
        pins[p1] = OwnerPINBuilder.buildOwnerPIN(p2, in[0], (byte) (p1 + 1));
        return flag(pins[p1] instanceof OwnerPIN);
      case 0x02:
        return flag(pin.check(in, (short) 0, (byte) size));
      case 0x03:
        out[0] = pin.getTriesRemaining();
        out[1] = (byte) (pin.isValidated() ? 1 : 0);
        return (short) 2;
      case 0x04:
        pin.reset();
        return 0;
      case 0x05:
        if (pin instanceof OwnerPINx) {
          ((OwnerPINx) pin).update(in, (short) 0, (byte) size);
        } else {
          ((OwnerPIN) pin).update(in, (short) 0, (byte) size);
        }
        return 0;
      case 0x06:
        ((OwnerPINx) pin).setTryLimit(p2);
        return 0;
      case 0x07:
        ((OwnerPINx) pin).setTriesRemaining(p2);
        return 0;
      case 0x08:
        out[0] = ((OwnerPINx) pin).getTryLimit();
        return (short) 1;
      case 0x09:
        out[0] = ((OwnerPINxWithPredecrement) pin).decrementTriesRemaining();
        return (short) 1;
      case 0x0A:  // kinds
        out[0] = (byte) (pin instanceof OwnerPIN ? 1 : 0);
        out[1] = (byte) (pin instanceof OwnerPINx ? 1 : 0);
        out[2] = (byte) (pin instanceof OwnerPINxWithPredecrement ? 1 : 0);
        return (short) 3;
      case 0x0B:  // update and tries in a transaction that is aborted
        JCSystem.beginTransaction();
        if (pin instanceof OwnerPINx) {
          ((OwnerPINx) pin).update(in, (short) 0, (byte) size);
          ((OwnerPINx) pin).setTryLimit((byte) 1);
        } else {
          ((OwnerPIN) pin).update(in, (short) 0, (byte) size);
        }
        JCSystem.abortTransaction();
        return 0;
      case 0x0C:  // a wrong try in a transaction that is aborted
        JCSystem.beginTransaction();
        pin.check(in, (short) 0, (byte) size);
        JCSystem.abortTransaction();
        return 0;
      case 0x0D:
        pin.check(null, (short) 0, (byte) 4);
        return 0;
      case 0x0E:
        pins[0] = OwnerPINBuilder.buildOwnerPIN((byte) 3, (byte) 8, p2);
        return 0;
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        return 0;
    }
  }

  /** P1: the format of what comes, P2 of what is answered. */
  private short runNumber(byte ins, byte p1, byte p2, short size) {
    switch (ins) {
      case 0x20:
        number.init(in, (short) 0, size, p1);
        break;
      case 0x21:
        number.add(in, (short) 0, size, p1);
        break;
      case 0x22:
        number.subtract(in, (short) 0, size, p1);
        break;
      case 0x23:
        number.multiply(in, (short) 0, size, p1);
        break;
      case 0x24:
        out[0] = number.compareTo(in, (short) 0, size, p1);
        return (short) 1;
      case 0x25:
        number.setMaximum(in, (short) 0, size, p1);
        return 0;
      case 0x26:
        number.reset();
        break;
      case 0x27:
        return BCDUtil.convertToHex(in, (short) 0, size, out, (short) 0);
      case 0x28:
        return BCDUtil.convertToBCD(in, (short) 0, size, out, (short) 0);
      case 0x29:
        return flag(BCDUtil.isBCDFormat(in, (short) 0, size));
      case 0x2A:
        ParityBit.set(in, (short) 0, size, p1 != 0);
        Util.arrayCopyNonAtomic(in, (short) 0, out, (short) 0, size);
        return size;
      case 0x2B:
        new BigNumber(p1);
        return number(BigNumber.getMaxBytesSupported());
      case 0x2C:
        number.toBytes(out, (short) 0, p1, p2);
        return p1;
      case 0x2D:
        BigNumber other = new BigNumber((short) 4);
        other.init(in, (short) 0, size, p1);
        out[0] = number.compareTo(other);
        return (short) 1;
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        return 0;
    }
    short length = number.getByteLength(p2);
    number.toBytes(out, (short) 0, length, p2);
    return length;
  }

  private short runTlv(byte ins, byte p1, byte p2, short size) {
    switch (ins) {
      case 0x40:  // what an object has of a tag
        BERTag tag = BERTag.getInstance(in, (short) 0);
        out[0] = tag.size();
        out[1] = tag.tagClass();
        out[2] = (byte) (tag.isConstructed() ? 1 : 0);
        Util.setShort(out, (short) 3, tag.tagNumber());
        return (short) (5 + tag.toBytes(out, (short) 5));
      case 0x41:  // and the bytes themselves
        out[0] = BERTag.size(in, (short) 0);
        out[1] = BERTag.tagClass(in, (short) 0);
        out[2] = (byte) (BERTag.isConstructed(in, (short) 0) ? 1 : 0);
        Util.setShort(out, (short) 3, BERTag.tagNumber(in, (short) 0));
        return (short) 5;
      case 0x42:
        return BERTag.toBytes(p1, (p2 & 1) != 0, Util.getShort(in, (short) 0), out, (short) 0);
      case 0x43:
        return flag(BERTag.verifyFormat(in, (short) (in.length - p1)));
      case 0x44:
        new PrimitiveBERTag().size();
        return 0;
      case 0x45:
        PrimitiveBERTag one = new PrimitiveBERTag();
        one.init(p1, Util.getShort(in, (short) 0));
        PrimitiveBERTag two = new PrimitiveBERTag();
        two.init(p2, Util.getShort(in, (short) 2));
        out[0] = (byte) (one.equals(two) ? 1 : 0);
        out[1] = (byte) (one.equals((BERTag) null) ? 1 : 0);
        out[2] = (byte) (one.equals((Object) two) ? 1 : 0);
        out[3] = (byte) (one.equals((Object) in) ? 1 : 0);
        return (short) 4;
      case 0x46:
        new ConstructedBERTag().init(in, (short) 0);
        return 0;
      case 0x50:
        return flag(BERTLV.verifyFormat(in, (short) 0, size));
      case 0x51:  // an object, written again
        tlv = BERTLV.getInstance(in, (short) 0, size);
        Util.setShort(out, (short) 0, tlv.size());
        Util.setShort(out, (short) 2, tlv.getLength());
        out[4] = (byte) (tlv instanceof ConstructedBERTLV ? 1 : 0);
        return (short) (5 + tlv.toBytes(out, (short) 5));
      case 0x52:
        return BERTLV.getTag(in, (short) 0, out, (short) 0);
      case 0x53:
        return number(BERTLV.getLength(in, p1));
      case 0x54:
        return number(PrimitiveBERTLV.getValueOffset(in, (short) 0));
      case 0x55:
        Util.arrayCopyNonAtomic(in, (short) 0, out, (short) 0, size);
        return PrimitiveBERTLV.appendValue(out, (short) 0, in, (short) (size - p1), p1);
      case 0x56:  // tag: the first P1 bytes
        return PrimitiveBERTLV.toBytes(in, (short) 0, in, p1, (short) (size - p1), out, (short) 0);
      case 0x57:  // the TLV that the object has, and what the command brings
        ((PrimitiveBERTLV) tlv).appendValue(in, (short) 0, size);
        return tlv.toBytes(out, (short) 0);
      case 0x58:
        ((PrimitiveBERTLV) tlv).replaceValue(in, (short) 0, size);
        return ((PrimitiveBERTLV) tlv).getValue(out, (short) 0);
      case 0x59:
        new PrimitiveBERTLV((short) 4).appendValue(in, (short) 0, size);
        return 0;
      case 0x5A:
        new PrimitiveBERTLV((short) -1);
        return 0;
      case 0x60:
        tree = (ConstructedBERTLV) BERTLV.getInstance(in, (short) 0, size);
        return number(tree.size());
      case 0x61:
        tree.append(BERTLV.getInstance(in, (short) 0, size));
        return tree.toBytes(out, (short) 0);
      case 0x62:  // found by its tag
        BERTLV found = tree.find(BERTag.getInstance(in, (short) 0));
        if (found == null) return 0;
        return found.toBytes(out, (short) 0);
      case 0x63:  // the next one with that tag
        BERTLV first = tree.find(BERTag.getInstance(in, (short) 0));
        BERTLV next = tree.findNext(BERTag.getInstance(in, (short) 0), first, p1);
        if (next == null) return 0;
        return next.toBytes(out, (short) 0);
      case 0x64:
        tree.delete(tree.find(BERTag.getInstance(in, (short) 0)), p1);
        return tree.toBytes(out, (short) 0);
      case 0x65:
        tree.append(tree);
        return 0;
      case 0x66:  // a tree that would have itself in it
        ConstructedBERTag outer = new ConstructedBERTag();
        outer.init((byte) 2, (short) 1);
        ConstructedBERTLV above = new ConstructedBERTLV((short) 1);
        above.init(outer, tree);
        tree.append(above);
        return 0;
      case 0x67:  // the same object in it, and in that again: 2 to the power of P1 leaves
        BERTLV leaf = tree;
        for (byte i = 0; i < p1; ++i) {
          ConstructedBERTag of = new ConstructedBERTag();
          of.init((byte) 2, (short) 1);
          ConstructedBERTLV twice = new ConstructedBERTLV((short) 2);
          twice.init(of, leaf);
          twice.append(leaf);
          leaf = twice;
        }
        return number(leaf.size());
      case 0x68:
        Util.arrayCopyNonAtomic(in, p1, out, (short) 0, (short) (size - p1));
        return ConstructedBERTLV.append(in, (short) 0, out, (short) 0);
      case 0x69:
        return number(ConstructedBERTLV.find(in, p1, p1 == 0 ? null : in, (short) 0));
      case 0x6A:
        return number(ConstructedBERTLV.findNext(in, p1, p2, in, (short) 0));
      case 0x6B:
        ConstructedBERTag tagOf = new ConstructedBERTag();
        tagOf.init((byte) 1, (short) 0x100);
        ConstructedBERTLV made = new ConstructedBERTLV((short) 0);
        made.init(tagOf, in, (short) 0, size);
        return made.toBytes(out, (short) 0);
      case 0x6C:
        new ConstructedBERTLV((short) 2).getTag();
        return 0;
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        return 0;
    }
  }
}
