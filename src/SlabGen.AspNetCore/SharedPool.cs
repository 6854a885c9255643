using System.Buffers;

namespace SlabGen.AspNetCore;

/// <summary>
/// What one caller of the factory gets: a pool that ends alone, over memory that the owner's other pools share. Buffers
/// may come back after its end, as Kestrel's do whose connections were cut off.
/// </summary>
internal sealed class SharedPool(OwnedBuffers buffers) : MemoryPool<byte>
{
    private bool _disposed; // goes to true once; read by anyone

    public override int MaxBufferSize => buffers.MaxSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        return buffers.Rent(minBufferSize);
    }

    protected override void Dispose(bool disposing) => Volatile.Write(ref _disposed, true);
}
