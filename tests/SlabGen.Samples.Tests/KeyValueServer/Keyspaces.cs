using System.IO.Pipelines;
using System.Text;
using KeyValueServer;
using KeyValueServer.Objects;
using KeyValueServer.Protocol;
using KeyValueServer.Slabs;

namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>Tests that make a keyspace over slabs, of which a process has one.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Keyspaces
{
    public const string Name = "keyspaces";

    internal static IKeyspace New(string kind) => kind == "slabs" ? new SlabKeyspace() : new ObjectKeyspace();

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>What a step writes as a reply.</summary>
    internal static string Written(Action<Reply> step)
    {
        using var stream = new MemoryStream();
        PipeWriter writer = PipeWriter.Create(stream);
        step(new Reply(writer, new BufferBudget(1 << 30)));
        writer.Complete();
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    internal static List<string> Scan(IKeyspace keys, int count, Action? between = null)
    {
        var visitor = new Visitor();
        ulong cursor = 0;
        do
        {
            cursor = keys.Scan(cursor, count, visitor);
            between?.Invoke();
        }
        while (cursor != 0);
        return visitor.Keys;
    }

    private sealed class Visitor : IKeyVisitor
    {
        public List<string> Keys { get; } = [];

        public void Visit(ReadOnlySpan<byte> key, Kind kind) => Keys.Add(Encoding.UTF8.GetString(key));
    }
}
