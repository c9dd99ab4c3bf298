package dev.belfry.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.serve.ServeHttp;
import dev.belfry.cli.serve.ServePages;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;

/**
 * A process that runs one command after the other, as {@link Belfry#main} does but for the standard
 * streams and the exit: each line of its input has the words of a command, its answer has the exit
 * code and all that was printed. {@code GET PATH} asks {@code serve}. Starting a JVM for each costs
 * fifty times as much. What is about a process itself is tested with one of its own.
 */
final class WarmCommands {
    private WarmCommands() {}

    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        answers.println("ready");
        for (String line; (line = requests.readLine()) != null; ) answers.println(answer(words(line)));
        Runtime.getRuntime().halt(0);
    }

    private static String answer(String[] command) throws Exception {
        if (command[0].equals("GET")) return served(command[1]);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        System.setErr(quietErrors(new PrintStream(errors, true)));
        CommandLine line = commandLine(out);
        line.setOut(new PrintWriter(new OutputStreamWriter(out, UTF_8)));
        BelfryCommand.showTraces = false;
        int code = line.execute(command);
        line.getOut().flush();
        System.err.flush();
        return code + " " + base64(out.toByteArray()) + " " + base64(errors.toByteArray());
    }

    /** What {@code serve} says that begins now; the code is its status. */
    private static String served(String path) throws Exception {
        try (ServeHttp http = new ServeHttp(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        null,
                        new ServePages(false, List.of(), List.of()));
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            String[] answer = new String(socket.getInputStream().readAllBytes(), UTF_8).split("\r\n\r\n", 2);
            return answer[0].split(" ")[1] + " " + base64(answer[1].getBytes(UTF_8)) + " ";
        }
    }

    private static CommandLine commandLine(OutputStream out) throws Exception {
        Method commandLine = Belfry.class.getDeclaredMethod("commandLine", OutputStream.class);
        commandLine.setAccessible(true);
        return (CommandLine) commandLine.invoke(null, out);
    }

    private static PrintStream quietErrors(PrintStream errors) throws Exception {
        for (Class<?> type : Belfry.class.getDeclaredClasses())
            if (type.getSimpleName().equals("QuietErrors")) {
                Constructor<?> constructor = type.getDeclaredConstructor(PrintStream.class);
                constructor.setAccessible(true);
                return (PrintStream) constructor.newInstance(errors);
            }
        throw new AssertionError("Belfry has no QuietErrors");
    }

    // ---- of the side that asks

    static String request(String... command) {
        return Arrays.stream(command).map(word -> base64(word.getBytes(UTF_8))).collect(Collectors.joining(" "));
    }

    static Sandbox.Result result(String answer) {
        String[] parts = answer.split(" ", -1);
        return new Sandbox.Result(Integer.parseInt(parts[0]), text(parts[1]), text(parts[2]));
    }

    private static String[] words(String line) {
        return Arrays.stream(line.split(" ", -1)).map(WarmCommands::text).toArray(String[]::new);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String text(String base64) {
        return new String(Base64.getDecoder().decode(base64), UTF_8);
    }
}
