// SPDX-License-Identifier: Apache-2.0
import com.sun.jdi.Bootstrap;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.LaunchingConnector;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.MethodEntryEvent;
import com.sun.jdi.event.MethodExitEvent;
import com.sun.jdi.event.StepEvent;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.MethodEntryRequest;
import com.sun.jdi.request.MethodExitRequest;
import com.sun.jdi.request.StepRequest;
import java.util.Map;

/** How many byte codes a round of each kernel has on a Java virtual machine: counted by stepping through one and through two rounds. */
public class CountByteCodes {
  public static void main(String[] arguments) throws Exception {
    int kernels = Integer.parseInt(arguments[0]);
    for (int kernel = 0; kernel < kernels; kernel++) System.out.println(kernel + " " + (count(kernel, 2) - count(kernel, 1)));
  }

  private static long count(int kernel, int rounds) throws Exception {
    LaunchingConnector connector = Bootstrap.virtualMachineManager().defaultConnector();
    Map<String, Connector.Argument> settings = connector.defaultArguments();
    settings.get("main").setValue("TimeKernels " + kernel + " " + rounds);
    settings.get("options").setValue("-Xint -cp " + System.getProperty("java.class.path"));
    VirtualMachine machine = connector.launch(settings);
    MethodEntryRequest entry = machine.eventRequestManager().createMethodEntryRequest();
    entry.addClassFilter("uicclab.kernels.Kernels");
    entry.enable();
    MethodExitRequest exit = machine.eventRequestManager().createMethodExitRequest();
    exit.addClassFilter("uicclab.kernels.Kernels");
    long steps = 0;
    for (boolean running = true; running; ) {
      EventSet events = machine.eventQueue().remove();
      for (Event event : events) {
        if (event instanceof VMDisconnectEvent) running = false;
        if (event instanceof StepEvent) ++steps;
        if (event instanceof MethodEntryEvent && ((MethodEntryEvent) event).method().name().equals("run")) {
          entry.disable();
          exit.enable();
          machine.eventRequestManager().createStepRequest(((MethodEntryEvent) event).thread(), StepRequest.STEP_MIN, StepRequest.STEP_INTO).enable();
        }
        if (event instanceof MethodExitEvent && ((MethodExitEvent) event).method().name().equals("run")) {
          machine.eventRequestManager().deleteAllBreakpoints();
          machine.eventRequestManager().deleteEventRequests(machine.eventRequestManager().stepRequests());
          exit.disable();
        }
      }
      if (running) events.resume();
    }
    return steps;
  }
}
