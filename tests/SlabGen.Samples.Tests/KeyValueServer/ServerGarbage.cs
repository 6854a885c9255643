using System.Globalization;
using System.Text;

namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>Keys and values in slabs are no garbage. It is counted by command, because how many a second has is the machine's affair.</summary>
public sealed class ServerGarbage
{
    private const int Batches = 200, Commands = 100;

    [Theory]
    [InlineData(0, 60)] // of the reads alone: in a debug build the state of each is an object
    [InlineData(120, 1000, "--gc")] // a value of 100 bytes, at least
    public async Task A_key_that_is_set_again(long least, long most, params string[] arguments)
    {
        await using RunningServer server = await RunningServer.StartUncheckedAsync(arguments);
        using TestClient client = server.Connect();
        SetAll(client);
        long before = server.Info("gc", "gc_allocated_bytes");
        SetAll(client);
        Assert.InRange((server.Info("gc", "gc_allocated_bytes") - before) / (Batches * Commands), least, most);
    }

    private static void SetAll(TestClient client)
    {
        var batch = new StringBuilder();
        for (int i = 0; i < Batches; i++)
        {
            batch.Clear();
            for (int key = i * Commands; key < (i + 1) * Commands; key++)
            {
                batch.Append(CultureInfo.InvariantCulture, $"SET key:{key} {new string('x', 100)}\r\n");
            }

            client.Send(batch.ToString());
            for (int reply = 0; reply < Commands; reply++)
            {
                Assert.Equal("OK", client.Read());
            }
        }
    }
}
