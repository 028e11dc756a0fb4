package interop;

import java.nio.charset.StandardCharsets;

/** One line of JSON on stdout, in one write, so that no log line comes between. */
final class Report {
    private final StringBuilder json = new StringBuilder();

    Report(String saw) {
        json.append("{\"saw\":").append(quoted(saw));
    }

    /** @param value a text, a number or null */
    Report with(String name, Object value) {
        String text = value == null || value instanceof Number ? String.valueOf(value) : quoted(value.toString());
        json.append(',').append(quoted(name)).append(':').append(text);
        return this;
    }

    void print() {
        byte[] line = (json + "}\n").getBytes(StandardCharsets.UTF_8);
        synchronized (System.out) {
            System.out.write(line, 0, line.length);
            System.out.flush();
        }
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\' || c < ' ') quoted.append(String.format("\\u%04x", (int) c));
            else quoted.append(c);
        }
        return quoted.append('"').toString();
    }
}
