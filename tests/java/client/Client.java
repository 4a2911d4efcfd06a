// SPDX-License-Identifier: Apache-2.0
package uicclab.client;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.JCSystem;
import javacard.framework.Shareable;
import javacard.framework.Util;
import uicclab.library.Account;
import uicclab.library.BaseApplet;
import uicclab.library.Payer;

/** An applet that is built on a library of another package. */
public class Client extends BaseApplet {
  private static class Savings extends Account {
    private byte level;

    Savings(short limit) {
      super(limit);
      owner = new byte[2];
    }

    public byte kind() {
      return level;
    }

    public short pay(short amount) {
      level++;
      return super.pay(amount);
    }

    void fill(short amount) {
      add(twice(amount));
      owner[0] = (byte) amount;
    }
  }

  private final Savings savings = new Savings((short) 50);

  public static void install(byte[] array, short offset, byte length) {
    new Client().register(array, (short) (offset + 1), array[offset]);
  }

  public Shareable getShareableInterfaceObject(AID client, byte parameter) {
    return savings;
  }

  protected void answer(APDU apdu, byte instruction) {
    byte[] buffer = apdu.getBuffer();
    short amount = Util.getShort(buffer, ISO7816.OFFSET_P1);
    Account account = savings;
    Payer payer = account;
    savings.fill((short) 7);
    JCSystem.beginTransaction();
    short left = Account.fits(amount) ? payer.pay(amount) : account.limit;
    JCSystem.commitTransaction();
    Account.made += account.kind() + account.balance() + Payer.CURRENCY;
    Util.setShort(buffer, (short) 0, (short) (left + Account.made + commands + instruction));
    apdu.setOutgoingAndSend((short) 0, (short) 2);
  }
}
