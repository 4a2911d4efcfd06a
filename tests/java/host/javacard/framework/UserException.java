// SPDX-License-Identifier: Apache-2.0
package javacard.framework;

/** Stands in for the card's class where an applet's code runs on a Java virtual machine. */
public class UserException extends CardException {
  public UserException(short reason) {
    super(reason);
  }

  public static void throwIt(short reason) throws UserException {
    throw new UserException(reason);
  }
}
