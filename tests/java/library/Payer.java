// SPDX-License-Identifier: Apache-2.0
package uicclab.library;

import javacard.framework.Shareable;

public interface Payer extends Shareable {
  byte CURRENCY = 97;

  short pay(short amount);
}
