// SPDX-License-Identifier: Apache-2.0
package uicclab.shared;

import javacard.framework.Shareable;

/** What applets of tests/java/card do for each other. */
public interface Shared extends Shareable {
  /** Counts the calls; answers how many there were. */
  short touch();

  /** The first byte of an array of the caller's, which the firewall forbids; it may be null. */
  byte look(byte[] array);
}
