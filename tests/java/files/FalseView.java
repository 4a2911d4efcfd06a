// SPDX-License-Identifier: Apache-2.0
package uicclab.files;

import uicc.access.bertlvfile.BERTLVFileView;

/** An applet's own class with the interface of a view: its fields are in the places where a view of the card has its context and instance. */
public class FalseView implements BERTLVFileView {
  private short first = 1;
  private short second = 1;

  public short select(short fid, byte[] fcp, short offset, short length) {
    return first;
  }

  public void select(short fid) {}

  public void select(byte sfi) {}

  public short status(byte[] fcp, short offset, short length) {
    return second;
  }

  public short readBinary(short offset, byte[] to, short at, short length) {
    return 0;
  }

  public void updateBinary(short offset, byte[] from, short at, short length) {}

  public short readRecord(short record, byte mode, short offset, byte[] to, short at, short length) {
    return 0;
  }

  public void updateRecord(short record, byte mode, short offset, byte[] from, short at, short length) {}

  public short searchRecord(byte mode, short record, short indication, byte[] pattern, short at, short length, short[] found, short offset,
      short size) {
    return 0;
  }

  public short increase(byte[] by, short at, short length, byte[] to, short offset) {
    return 0;
  }

  public void deactivateFile() {}

  public void activateFile() {}

  public int retrieveData(int tag, int offset, byte[] to, short at, short length) {
    return 0;
  }

  public int getTAGList(byte mode, int[] tags, short at, short length) {
    return 0;
  }

  public int setData(int tag, byte mode, int size, byte[] from, short at, short length) {
    return 0;
  }

  public void deleteData(int tag) {}
}
