using KeyValueServer.Protocol;

namespace KeyValueServer.Network;

/// <summary>What the server remembers of a client.</summary>
internal sealed class Session(long id, Reply reply)
{
    public long Id => id;

    public Reply Reply => reply;

    public string Name { get; set; } = "";

    /// <summary>The connection ends when the replies have been sent.</summary>
    public bool IsClosing { get; set; }
}
