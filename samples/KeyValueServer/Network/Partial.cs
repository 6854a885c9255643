using System.Buffers;
using KeyValueServer.Protocol;

namespace KeyValueServer.Network;

/// <summary>The begin of a command, in one piece, until the rest has come. It holds no memory while there is none.</summary>
internal sealed class Partial(MemoryPool<byte> pool, BufferBudget budget) : IDisposable
{
    private IMemoryOwner<byte>? _owner;
    private int _length;
    private BufferCharge _charge = new(budget);

    public bool IsEmpty => _length == 0;

    public ReadOnlyMemory<byte> Bytes => _owner is null ? default : _owner.Memory[.._length];

    /// <returns>Whether the budget had room; if not, nothing has changed.</returns>
    public bool TryAppend(ReadOnlySpan<byte> piece)
    {
        int length = _length + piece.Length;
        int capacity = _owner?.Memory.Length ?? 0;
        if (length > capacity)
        {
            // Twice as much at once, so that each byte is moved once or twice.
            int larger = Math.Max(length, (int)Math.Min(capacity * 2L, Array.MaxLength));
            if (!_charge.TryCover(larger))
            {
                return false;
            }

            IMemoryOwner<byte> owner = pool.Rent(larger);
            Bytes.Span.CopyTo(owner.Memory.Span);
            _owner?.Dispose();
            _owner = owner;
        }

        piece.CopyTo(_owner!.Memory.Span[_length..]);
        _length = length;
        return true;
    }

    /// <summary>Keeps what was not consumed, and nothing else.</summary>
    /// <param name="rest">The end of <see cref="Bytes"/>, or of what was read when there were none.</param>
    /// <returns>Whether the budget had room.</returns>
    public bool TryKeep(ReadOnlyMemory<byte> rest)
    {
        if (rest.IsEmpty)
        {
            Dispose();
            return true;
        }

        if (_length == 0)
        {
            return TryAppend(rest.Span);
        }

        if (rest.Length < _length)
        {
            rest.Span.CopyTo(_owner!.Memory.Span);
            _length = rest.Length;
        }

        return true;
    }

    public void Dispose()
    {
        _owner?.Dispose();
        (_owner, _length) = (null, 0);
        _charge.Release();
    }
}
