using KeyValueServer.Network;
using KeyValueServer.Protocol;

namespace KeyValueServer.Commands;

/// <summary>One call of a command: its arguments, and where it works and answers.</summary>
internal readonly ref struct Call(Arguments arguments, Session session, ServerState server)
{
    public readonly Arguments Arguments = arguments;

    public Session Session => session;

    public Reply Reply => session.Reply;

    public ServerState Server => server;

    public IKeyspace Keyspace => server.Store.Keyspace;

    /// <summary>The first argument, of most commands the key.</summary>
    public ReadOnlySpan<byte> Key => Arguments[1];
}

/// <summary>
/// Runs a command under the store's lock. What it returns other than <see cref="Outcome.Done"/> becomes an error, and then it has written nothing.
/// One that returns <see cref="Outcome.OutOfMemory"/> is called again after an eviction, with the same arguments.
/// </summary>
internal delegate Outcome Handler(scoped in Call call);

/// <param name="Name">In capitals.</param>
/// <param name="Handler">What it does.</param>
/// <param name="Least">Arguments, its name among them.</param>
/// <param name="Most">The same.</param>
/// <param name="NeedsRoom">It may need memory: it is refused when there is none.</param>
internal sealed record Command(string Name, Handler Handler, int Least, int Most = int.MaxValue, bool NeedsRoom = false);
