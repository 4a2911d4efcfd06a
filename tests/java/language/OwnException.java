// SPDX-License-Identifier: Apache-2.0
package uicclab.language;

class OwnException extends RuntimeException {
  private final short reason;

  OwnException(short reason) {
    this.reason = reason;
  }

  short reason() {
    return reason;
  }
}

class OtherException extends OwnException {
  OtherException(short reason) {
    super((short) (reason * 2));
  }

  short reason() {
    return (short) (super.reason() + 1);
  }
}
