import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.flink.runtime.rest.util.RestMapperUtils;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Reads replies as Flink's client does. On standard input: a class of Flink and a JSON text in each line, with a tab between. On
 * standard output: for each line what the class makes of it, as JSON, or "failed" with the reason.
 */
public final class ReadReplies {
    public static void main(String[] arguments) throws Exception {
        ObjectMapper mapper = RestMapperUtils.getFlexibleObjectMapper();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int tab = line.indexOf('\t');
            Class<?> type = Class.forName(line.substring(0, tab));
            try {
                System.out.println(mapper.writeValueAsString(mapper.readValue(line.substring(tab + 1), type)));
            } catch (Exception unreadable) {
                System.out.println("failed: " + unreadable.toString().replace('\n', ' '));
            }
        }
    }
}
