package upshift.lab;

import java.lang.reflect.Method;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * Who and where a function is. These methods stood on the runtime context up to 1.x and stand on its task and job
 * information in 2.x, so they are looked up by name, on the public interfaces.
 */
final class Here {
    private Here() {}

    static String job(RuntimeContext context) throws ReflectiveOperationException {
        return ask(context, "getJobInfo", "getJobId");
    }

    static String attempt(RuntimeContext context) throws ReflectiveOperationException {
        return ask(context, "getTaskInfo", "getAttemptNumber");
    }

    static String subtask(RuntimeContext context) throws ReflectiveOperationException {
        return ask(context, "getTaskInfo", "getIndexOfThisSubtask");
    }

    static String subtasks(RuntimeContext context) throws ReflectiveOperationException {
        return ask(context, "getTaskInfo", "getNumberOfParallelSubtasks");
    }

    private static String ask(RuntimeContext context, String through, String question) throws ReflectiveOperationException {
        try {
            Method information = RuntimeContext.class.getMethod(through);
            return information.getReturnType().getMethod(question).invoke(information.invoke(context)).toString();
        } catch (NoSuchMethodException old) {
            return RuntimeContext.class.getMethod(question).invoke(context).toString();
        }
    }
}
