package dev.belfry.shm.crash;

import dev.belfry.testing.Patched;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * The seam for errors of the JVM: puts a step before and after each call, and at each
 * allocation, into the product's compiled classes. All accesses to shared memory are calls. One of
 * the steps of one thread throws. {@link Patched#through} loads the classes so.
 */
public final class ErrorSteps {
    /** Thrown once, out of nowhere. */
    public static final class Thrown extends StackOverflowError {
        private static final long serialVersionUID = 1;

        Thrown(String where) {
            super(where);
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    private static final String PRODUCT = "dev/belfry/shm/";
    private static final String HOOKS = ErrorSteps.class.getName().replace('.', '/');

    private static final List<String> INITIALIZED = new ArrayList<>();
    private static volatile Thread actor;
    private static int steps;
    private static int throwing;
    private static String where;
    private static List<String> recording;

    private ErrorSteps() {}

    /** This thread's steps from now on are kept, and none throws. */
    static void record() {
        throwAt(Integer.MAX_VALUE);
        recording = new ArrayList<>();
    }

    static List<String> recorded() {
        stop();
        List<String> all = recording;
        recording = null;
        return all;
    }

    /** This thread's k-th step from now on throws; k from 1. */
    static void throwAt(int k) {
        steps = 0;
        throwing = k;
        where = null;
        actor = Thread.currentThread();
    }

    /** Where it was thrown; null: there were not so many steps. */
    static String stop() {
        actor = null;
        return where;
    }

    /** The classes that this thread has initialized since the first was to throw. */
    static List<String> initialized() {
        return INITIALIZED;
    }

    /** Called by the instrumented classes. */
    public static void initializes(String type) {
        if (Thread.currentThread() == actor) INITIALIZED.add(type);
    }

    /** Called by the instrumented classes. */
    public static void step(String site) {
        if (Thread.currentThread() != actor) return;
        if (recording != null) recording.add(site);
        if (++steps != throwing) return;
        actor = null;
        where = site;
        throw new Thrown(site);
    }

    /** Of tests, and of what lies below the protocol, nothing is changed. */
    public static byte[] into(URL file, byte[] compiled) {
        ClassReader reader = new ClassReader(compiled);
        String name = reader.getClassName();
        if (!name.startsWith(PRODUCT)
                || name.startsWith(PRODUCT + "posix/")
                || name.startsWith(PRODUCT + "memory/")
                || file.getPath().contains("/test-classes/")) return compiled;
        String type = shortly(name);
        ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(int flags, String name, String shape, String sign, String[] e) {
                        MethodVisitor method = super.visitMethod(flags, name, shape, sign, e);
                        return name.equals("<clinit>")
                                ? new Initializer(method, type)
                                : new Steps(method, type + "." + name);
                    }
                },
                0);
        return writer.toByteArray();
    }

    private static final class Initializer extends MethodVisitor {
        private final String type;

        Initializer(MethodVisitor visitor, String type) {
            super(Opcodes.ASM9, visitor);
            this.type = type;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            super.visitLdcInsn(type);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOKS, "initializes", "(Ljava/lang/String;)V", false);
        }
    }

    private static String shortly(String type) {
        return type.substring(type.lastIndexOf('/') + 1);
    }

    private static final class Steps extends MethodVisitor {
        private final String method;
        private int line;

        Steps(MethodVisitor visitor, String method) {
            super(Opcodes.ASM9, visitor);
            this.method = method;
        }

        @Override
        public void visitLineNumber(int number, Label start) {
            line = number;
            super.visitLineNumber(number, start);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String shape, boolean isInterface) {
            String call = shortly(owner) + "." + name;
            step("before " + call);
            super.visitMethodInsn(opcode, owner, name, shape, isInterface);
            step("after " + call);
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            super.visitTypeInsn(opcode, type);
            if (opcode == Opcodes.NEW || opcode == Opcodes.ANEWARRAY) step("new " + shortly(type));
        }

        @Override
        public void visitIntInsn(int opcode, int operand) {
            super.visitIntInsn(opcode, operand);
            if (opcode == Opcodes.NEWARRAY) step("new array");
        }

        private void step(String what) {
            super.visitLdcInsn(method + ":" + line + " " + what);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOKS, "step", "(Ljava/lang/String;)V", false);
        }
    }
}
