namespace KeyValueServer.Protocol;

/// <summary>
/// The next commands of a connection, parsed before the first of them is run, so that storage hears of all their keys at once. A parser to
/// each; the one behind the last complete command remembers how far the next one is.
/// </summary>
internal sealed class CommandBatch(int longest)
{
    private const int Most = 16;

    private readonly uint[] _hashes = new uint[Most];
    private CommandParser[] _parsers = [new CommandParser(longest)];
    private int _hashCount;

    /// <summary>Complete commands.</summary>
    public int Count { get; private set; }

    /// <summary>What is malformed behind them; it shows when they have been run.</summary>
    public string? Error { get; private set; }

    /// <summary>The hashes of the keys that they name first.</summary>
    public ReadOnlySpan<uint> Hashes => _hashes.AsSpan(0, _hashCount);

    public CommandParser this[int index] => _parsers[index];

    /// <summary>Parses what comes next, after all that was complete was run and forgotten.</summary>
    /// <returns>Whether there is a command to run.</returns>
    public bool Parse(ReadOnlySpan<byte> bytes)
    {
        (Count, _hashCount) = (0, 0);
        while (Error is null && Count < Most)
        {
            if (Count == _parsers.Length)
            {
                Grow();
            }

            CommandParser parser = _parsers[Count];
            ParseState state = parser.Parse(bytes);
            if (state != ParseState.Complete)
            {
                Error = state == ParseState.Malformed ? parser.Error : null;
                break;
            }

            if (parser.Count > 1)
            {
                _hashes[_hashCount++] = KeyHash.Of(parser.Argument(bytes, 1));
            }

            bytes = bytes[parser.Length..];
            Count++;
        }

        return Count > 0;
    }

    /// <summary>The first of them were run, and reset. What was parsed behind them is parsed again.</summary>
    public void Forget(int run)
    {
        if (run < Count)
        {
            for (int i = run; i < Count; i++)
            {
                _parsers[i].Reset();
            }

            if (Count < _parsers.Length)
            {
                _parsers[Count].Reset();
            }

            Error = null;
        }
        else if (run > 0 && run < _parsers.Length)
        {
            (_parsers[0], _parsers[run]) = (_parsers[run], _parsers[0]);
        }

        Count = 0;
    }

    private void Grow()
    {
        // Most clients send one at a time; one that sends more gets them all.
        int before = _parsers.Length;
        Array.Resize(ref _parsers, Most);
        for (int i = before; i < Most; i++)
        {
            _parsers[i] = new CommandParser(longest);
        }
    }
}
