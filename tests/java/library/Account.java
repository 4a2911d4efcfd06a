// SPDX-License-Identifier: Apache-2.0
package uicclab.library;

/** What another package extends and calls. */
public abstract class Account extends Base implements Payer {
  public static final short MOST = 10000;
  public static short made = 5;
  public short limit;
  protected byte[] owner;
  private short balance;

  protected Account(short limit) {
    this.limit = limit;
    made++;
  }

  public static boolean fits(short amount) {
    return amount >= 0 && amount <= MOST;
  }

  public short pay(short amount) {
    if (!fits(amount) || amount > (short) (balance + limit)) return -1;
    balance -= amount;
    return balance;
  }

  public final short balance() {
    return balance;
  }

  protected void add(short amount) {
    balance += amount;
  }

  public abstract byte kind();
}

/** Is not seen outside; what it gives to its subclass is. */
class Base {
  public short twice(short a) {
    return (short) (a + a);
  }
}
