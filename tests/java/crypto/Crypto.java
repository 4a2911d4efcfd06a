// SPDX-License-Identifier: Apache-2.0
package uicclab.crypto;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.CardRuntimeException;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.Checksum;
import javacard.security.CryptoException;
import javacard.security.DESKey;
import javacard.security.ECKey;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.HMACKey;
import javacard.security.Key;
import javacard.security.KeyAgreement;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.PrivateKey;
import javacard.security.PublicKey;
import javacard.security.RSAPrivateCrtKey;
import javacard.security.RSAPrivateKey;
import javacard.security.RSAPublicKey;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/** Algorithms and keys by number: INS says what, P1 the algorithm or part, P2 the key. CryptoException is 6F40 and its reason. */
public class Crypto extends Applet {
  private static final short IN = ISO7816.OFFSET_CDATA;

  private final Object[] keys = new Object[8];
  private final byte[] out = JCSystem.makeTransientByteArray((short) 600, JCSystem.CLEAR_ON_RESET);
  private final Object[] kept = new Object[2];  // a cipher, a signature

  public static void install(byte[] array, short offset, byte length) {
    new Crypto().register();
  }

  public void process(APDU apdu) {
    if (selectingApplet()) return;
    byte[] buffer = apdu.getBuffer();
    short size = apdu.setIncomingAndReceive();
    short length = 0;
    try {
      length = run(buffer, buffer[ISO7816.OFFSET_INS], buffer[ISO7816.OFFSET_P1], buffer[ISO7816.OFFSET_P2], size);
    } catch (CryptoException exception) {
      ISOException.throwIt((short) (0x6F40 | exception.getReason()));
    } catch (ISOException exception) {
      throw exception;
    } catch (CardRuntimeException exception) {
      ISOException.throwIt((short) (0x6F20 | exception.getReason()));
    } catch (ArrayIndexOutOfBoundsException exception) {
      ISOException.throwIt((short) 0x6F30);
    } catch (NullPointerException exception) {
      ISOException.throwIt((short) 0x6F31);
    }
    apdu.setOutgoing();
    apdu.setOutgoingLength(length);
    apdu.sendBytesLong(out, (short) 0, length);
  }

  private Key key(byte which) {
    return (Key) keys[(byte) (which & 7)];
  }

  private short run(byte[] buffer, byte ins, byte p1, byte p2, short size) {
    switch (ins) {
      case 0x10: {
        MessageDigest digest = MessageDigest.getInstance(p1, false);
        short half = (short) (size / 2);
        if (p2 == 1) {
          digest.update(buffer, IN, size);
          digest.reset();
        }
        digest.update(buffer, IN, half);
        short length = digest.doFinal(buffer, (short) (IN + half), (short) (size - half), out, (short) 0);
        return length == digest.getLength() && digest.getAlgorithm() == p1 ? length : 0;
      }
      case 0x11: {
        Checksum sum = Checksum.getInstance(p1, false);
        if (p2 != 0) {
          for (short i = 0; i < 4; ++i) out[i] = p2;
          sum.init(out, (short) 0, p1 == Checksum.ALG_ISO3309_CRC16 ? (short) 2 : (short) 4);
        }
        short half = (short) (size / 2);
        sum.update(buffer, IN, half);
        return sum.doFinal(buffer, (short) (IN + half), (short) (size - half), out, (short) 0);
      }
      case 0x12:
        if (p2 == 1) return RandomData.getInstance(p1).nextBytes(out, (short) 0, (short) 16);
        RandomData.getInstance(p1).generateData(out, (short) 0, p2 == 2 ? (short) 0 : (short) 16);
        return 16;
      case 0x20:
        keys[p2] = KeyBuilder.buildKey(p1, Util.getShort(buffer, IN), size > 2);
        return 0;
      case 0x21:
        set(buffer, p1, key(p2), IN, size);
        return 0;
      case 0x22:
        return get(p1, key(p2));
      case 0x23:
        key(p2).clearKey();
        return 0;
      case 0x24:
        out[0] = key(p2).getType();
        Util.setShort(out, (short) 1, key(p2).getSize());
        out[3] = key(p2).isInitialized() ? (byte) 1 : (byte) 0;
        return 4;
      case 0x25: {  // set within a transaction that is aborted
        JCSystem.beginTransaction();
        set(buffer, p1, key(p2), IN, size);
        JCSystem.abortTransaction();
        return 0;
      }
      case 0x26:
        keys[p2] = KeyBuilder.buildKey(buffer[IN], buffer[(short) (IN + 1)], Util.getShort(buffer, (short) (IN + 2)), false);
        return 0;
      case 0x30:
      case 0x31:
        return cipher(buffer, ins, p1, p2, size);
      case 0x32:  // without init()
        return Cipher.getInstance(p1, false).doFinal(buffer, IN, size, out, (short) 0);
      case 0x33:  // keep one
        kept[0] = Cipher.getInstance(p1, false);
        ((Cipher) kept[0]).init(key(p2), Cipher.MODE_ENCRYPT, buffer, IN, size);
        return 0;
      case 0x34:
        return ((Cipher) kept[0]).doFinal(buffer, IN, size, out, (short) 0);
      case 0x35: {
        Cipher cipher = Cipher.getInstance(buffer[IN], buffer[(short) (IN + 1)], false);
        cipher.init(key(p2), p1);
        return cipher.doFinal(buffer, (short) (IN + 2), (short) (size - 2), out, (short) 0);
      }
      case 0x40: {
        Signature signature = Signature.getInstance(p1, false);
        signature.init(key(p2), Signature.MODE_SIGN);
        short half = (short) (size / 2);
        signature.update(buffer, IN, half);
        short length = signature.sign(buffer, (short) (IN + half), (short) (size - half), out, (short) 0);
        return length <= signature.getLength() ? length : 0;
      }
      case 0x41: {  // [length of the signature] signature, message
        Signature signature = Signature.getInstance(p1, false);
        signature.init(key(p2), Signature.MODE_VERIFY);
        short length = (short) (buffer[IN] & 0xFF);
        short message = (short) (IN + 1 + length);
        out[0] = signature.verify(buffer, message, (short) (size - 1 - length), buffer, (short) (IN + 1), length) ? (byte) 1 : (byte) 0;
        return 1;
      }
      case 0x42: {  // both, with the keys P2 (verifies) and P2 + 1 (signs); right, of another message, spoilt
        Signature signature = Signature.getInstance(p1, false);
        signature.init(key((byte) (p2 + 1)), Signature.MODE_SIGN);
        short length = signature.sign(buffer, IN, size, out, (short) 3);
        signature.init(key(p2), Signature.MODE_VERIFY);
        out[0] = signature.verify(buffer, IN, size, out, (short) 3, length) ? (byte) 1 : (byte) 0;
        out[1] = signature.verify(buffer, IN, (short) (size - 1), out, (short) 3, length) ? (byte) 1 : (byte) 0;
        out[(short) (length + 1)] ^= 1;
        out[2] = signature.verify(buffer, IN, size, out, (short) 3, length) ? (byte) 1 : (byte) 0;
        return 3;
      }
      case 0x43: {  // [SIG_CIPHER, digest, padding] hash
        Signature signature = Signature.getInstance(buffer[(short) (IN + 1)], buffer[IN], buffer[(short) (IN + 2)], false);
        signature.init(key(p2), Signature.MODE_SIGN);
        return signature.signPreComputedHash(buffer, (short) (IN + 3), (short) (size - 3), out, (short) 0);
      }
      case 0x44: {
        Signature signature = Signature.getInstance(p1, false);
        return p2 == 0 ? signature.getLength() : signature.sign(buffer, IN, size, out, (short) 0);
      }
      case 0x50: {
        KeyPair pair = size > 2 ? new KeyPair((PublicKey) key(p2), (PrivateKey) key((byte) (p2 + 1))) : new KeyPair(p1, Util.getShort(buffer, IN));
        pair.genKeyPair();
        keys[p2] = pair.getPublic();
        keys[(byte) (p2 + 1)] = pair.getPrivate();
        return 0;
      }
      case 0x51: {
        KeyAgreement agreement = KeyAgreement.getInstance(p1, false);
        agreement.init((PrivateKey) key(p2));
        return agreement.generateSecret(buffer, IN, size, out, (short) 0);
      }
      default:
        ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        return 0;
    }
  }

  /** [length of the IV] IV, data; P2: key, 80 enciphers. INS 31: in pieces of five bytes. */
  private short cipher(byte[] buffer, byte ins, byte algorithm, byte which, short size) {
    Cipher cipher = Cipher.getInstance(algorithm, false);
    byte mode = which < 0 ? Cipher.MODE_ENCRYPT : Cipher.MODE_DECRYPT;
    short iv = (short) (buffer[IN] & 0xFF);
    if (iv == 0) {
      cipher.init(key(which), mode);
    } else {
      cipher.init(key(which), mode, buffer, (short) (IN + 1), iv);
    }
    short at = (short) (IN + 1 + iv);
    short end = (short) (IN + size);
    short length = 0;
    for (; ins == 0x31 && (short) (end - at) > 5; at += 5) length += cipher.update(buffer, at, (short) 5, out, length);
    return (short) (length + cipher.doFinal(buffer, at, (short) (end - at), out, length));
  }

  private void set(byte[] buffer, byte part, Key key, short at, short size) {
    switch (part) {
      case 0: ((DESKey) key).setKey(buffer, at); break;
      case 1: ((AESKey) key).setKey(buffer, at); break;
      case 2: ((HMACKey) key).setKey(buffer, at, size); break;
      case 3: ((RSAPublicKey) key).setModulus(buffer, at, size); break;
      case 4: ((RSAPublicKey) key).setExponent(buffer, at, size); break;
      case 5: ((RSAPrivateKey) key).setModulus(buffer, at, size); break;
      case 6: ((RSAPrivateKey) key).setExponent(buffer, at, size); break;
      case 7: ((RSAPrivateCrtKey) key).setP(buffer, at, size); break;
      case 8: ((RSAPrivateCrtKey) key).setQ(buffer, at, size); break;
      case 9: ((RSAPrivateCrtKey) key).setDP1(buffer, at, size); break;
      case 10: ((RSAPrivateCrtKey) key).setDQ1(buffer, at, size); break;
      case 11: ((RSAPrivateCrtKey) key).setPQ(buffer, at, size); break;
      case 12: ((ECKey) key).setFieldFP(buffer, at, size); break;
      case 13: ((ECKey) key).setA(buffer, at, size); break;
      case 14: ((ECKey) key).setB(buffer, at, size); break;
      case 15: ((ECKey) key).setG(buffer, at, size); break;
      case 16: ((ECKey) key).setR(buffer, at, size); break;
      case 17: ((ECKey) key).setK(Util.getShort(buffer, at)); break;
      case 18: ((ECPublicKey) key).setW(buffer, at, size); break;
      case 19: ((ECPrivateKey) key).setS(buffer, at, size); break;
      default: ((ECKey) key).copyDomainParametersFrom((ECKey) keys[buffer[at]]);
    }
  }

  private short get(byte part, Key key) {
    switch (part) {
      case 0: return ((DESKey) key).getKey(out, (short) 0);
      case 1: return ((AESKey) key).getKey(out, (short) 0);
      case 2: return ((HMACKey) key).getKey(out, (short) 0);
      case 3: return ((RSAPublicKey) key).getModulus(out, (short) 0);
      case 4: return ((RSAPublicKey) key).getExponent(out, (short) 0);
      case 7: return ((RSAPrivateCrtKey) key).getP(out, (short) 0);
      case 12: return ((ECKey) key).getField(out, (short) 0);
      case 15: return ((ECKey) key).getG(out, (short) 0);
      case 17: return Util.setShort(out, (short) 0, ((ECKey) key).getK());
      case 18: return ((ECPublicKey) key).getW(out, (short) 0);
      default: return ((ECPrivateKey) key).getS(out, (short) 0);
    }
  }
}
