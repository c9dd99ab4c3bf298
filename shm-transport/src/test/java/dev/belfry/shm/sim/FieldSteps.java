package dev.belfry.shm.sim;

import dev.belfry.testing.Patched;
import java.net.URL;
import java.util.Map;
import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * The seam for what threads of one JVM share without shared memory: puts a step of the
 * {@link Scheduler} before each access to these fields, into the product's compiled classes.
 * {@link Patched#through} loads them so. A scenario has to ask for it ({@link Sim.Scenario#ofThreads}); to
 * all others these are no steps.
 */
public final class FieldSteps {
    private static final Map<String, Set<String>> SHARED = Map.of(
            "dev/belfry/shm/journal/Leader", Set.of("bound"),
            "dev/belfry/shm/publish/CriticalSection", Set.of("closed"),
            "dev/belfry/shm/publish/OpenClaim", Set.of("holder", "turn", "batcher"),
            "dev/belfry/shm/sync/PublishLock", Set.of("favoured", "biased", "inside"));

    private static final String ATOMICS = "java/util/concurrent/atomic/";

    private FieldSteps() {}

    /** Is this the product of a {@link Patched} with these steps? Without it no field is a step. */
    static boolean areHere() {
        return Patched.PATCHED.equals(FieldSteps.class.getClassLoader().getName());
    }

    /** Called by the instrumented classes. */
    public static void read(String field) {
        Scheduler scheduler = Scheduler.current();
        if (scheduler != null) scheduler.lookAtField(field);
    }

    /** Called by the instrumented classes: whoever makes the next step finds it written. */
    public static void written() {
        Scheduler scheduler = Scheduler.current();
        if (scheduler != null) scheduler.writeField();
    }

    public static byte[] into(URL file, byte[] compiled) {
        ClassReader reader = new ClassReader(compiled);
        String type = reader.getClassName();
        if (!SHARED.containsKey(type)) return compiled;
        ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(int flags, String name, String shape, String sign, String[] e) {
                        MethodVisitor method = super.visitMethod(flags, name, shape, sign, e);
                        return name.equals("<init>") ? method : new Steps(method, type);
                    }
                },
                0);
        return writer.toByteArray();
    }

    private static final class Steps extends MethodVisitor {
        private final String type;

        Steps(MethodVisitor method, String type) {
            super(Opcodes.ASM9, method);
            this.type = type;
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String shape) {
            boolean shared = owner.equals(type) && SHARED.get(type).contains(name);
            if (shared && opcode == Opcodes.GETFIELD) step(name);
            if (shared && opcode == Opcodes.PUTFIELD) step(null);
            super.visitFieldInsn(opcode, owner, name, shape);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String shape, boolean isInterface) {
            boolean atomic = owner.startsWith(ATOMICS) && opcode == Opcodes.INVOKEVIRTUAL;
            if (atomic) step(name.startsWith("get") ? owner : null);
            super.visitMethodInsn(opcode, owner, name, shape, isInterface);
        }

        /** {@code field} null: it is written. */
        private void step(String field) {
            String hooks = FieldSteps.class.getName().replace('.', '/');
            if (field == null) {
                super.visitMethodInsn(Opcodes.INVOKESTATIC, hooks, "written", "()V", false);
                return;
            }
            super.visitLdcInsn(type + "." + field);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, hooks, "read", "(Ljava/lang/String;)V", false);
        }
    }
}
