using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.References;

/// <summary>An object as memory: it is what asynchronous I/O takes, and goes back once.</summary>
public sealed class SlabBufferTests
{
    private const int Size = 1500;

    [Fact]
    public async Task ASocket_SendsAndReceivesIt()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("packet", Size);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        using Socket server = await listener.AcceptAsync(TestContext.Current.CancellationToken);

        using (SlabBuffer sent = new(cache), received = new(cache))
        {
            Fill(sent, 3);
            received.GetSpan().Clear();

            // Asked before anything is there, so that it completes elsewhere and later.
            ValueTask<int> receiving = server.ReceiveAsync(received.Memory[..10], TestContext.Current.CancellationToken);
            Assert.False(receiving.IsCompleted);
            Assert.Equal(Size, await client.SendAsync(sent.Memory, TestContext.Current.CancellationToken));
            int bytes = await receiving;
            while (bytes < Size)
            {
                bytes += await server.ReceiveAsync(received.Memory[bytes..], TestContext.Current.CancellationToken);
            }

            Assert.True(received.GetSpan().SequenceEqual(sent.GetSpan()));
            Assert.Equal(2, cache.Snapshot().LiveObjects);
        }

        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public async Task AFile_IsWrittenFromIt_AndReadIntoIt()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("block", Size);
        string path = Path.GetTempFileName();
        try
        {
            using SlabBuffer written = new(cache), read = new(cache);
            Fill(written, 5);
            read.GetSpan().Clear();
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
            await RandomAccess.WriteAsync(file, written.Memory, 0, TestContext.Current.CancellationToken);
            await RandomAccess.WriteAsync(file, [written.Memory[..100], written.Memory[100..]], Size, TestContext.Current.CancellationToken); // pins each
            Assert.Equal(Size, await RandomAccess.ReadAsync(file, [read.Memory[..700], read.Memory[700..]], Size, TestContext.Current.CancellationToken));
            Assert.True(read.GetSpan().SequenceEqual(written.GetSpan()));
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal(0, cache.Snapshot().LiveObjects); // every pin was ended
    }

    [Fact]
    public void ItIsTheObject_AndItsLength()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("packet", Size - 1); // its slot is a byte larger
        using var buffer = new SlabBuffer(cache);
        Assert.Equal((Size - 1, Size - 1, Size - 1), (buffer.Length, buffer.GetSpan().Length, buffer.Memory.Length));
        buffer.Memory.Span[7] = 42;
        Assert.Equal(42, buffer.GetSpan()[7]);
        Assert.Equal((AddressKind.LiveObject, 0L), (runtime.Describe(AddressOf(buffer)).Kind, runtime.Describe(AddressOf(buffer)).Offset));
        Assert.True(MemoryMarshal.TryGetMemoryManager<byte, SlabBuffer>(buffer.Memory, out SlabBuffer? manager) && manager == buffer);
    }

    [Fact]
    public void Disposed_ItGoesBackOnce_AndNothingReachesItAnyMore()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64, isChecked: true); // a second free would throw
        KmemCache cache = runtime.CreateCache("packet", Size);
        IMemoryOwner<byte> buffer = new SlabBuffer(cache);
        Memory<byte> memory = buffer.Memory, part = memory[10..20];
        buffer.Dispose();
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Memory);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Clear());
        Assert.Throws<ObjectDisposedException>(() => part.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => part.Pin());
        Assert.Throws<ObjectDisposedException>(() => memory.ToArray());
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public unsafe void APin_KeepsTheObject_BeyondTheDisposal()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("packet", Size);
        var buffer = new SlabBuffer(cache);
        nint address = AddressOf(buffer);
        MemoryHandle first = buffer.Pin(3), second = buffer.Memory[5..].Pin();
        Assert.Equal((address + 3, address + 5), ((nint)first.Pointer, (nint)second.Pointer));
        ((IDisposable)buffer).Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Pin());
        first.Dispose();
        first.Dispose(); // MemoryHandle unpins once
        Assert.Equal(AddressKind.LiveObject, cache.Describe(address).Kind);
        second.Dispose();
        Assert.NotEqual(AddressKind.LiveObject, cache.Describe(address).Kind);
        Assert.Contains("'packet'", Assert.Throws<InvalidOperationException>(buffer.Unpin).Message, StringComparison.Ordinal);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void BadArguments()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("packet", Size);
        Assert.Throws<ArgumentNullException>(() => new SlabBuffer(null!));
        using (var buffer = new SlabBuffer(cache))
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Pin(-1));
            Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Pin(Size + 1));
            Assert.Throws<InvalidOperationException>(buffer.Unpin);
            buffer.Pin(Size).Dispose(); // an empty slice may be pinned
            Assert.Contains("buffers", Assert.Throws<InvalidOperationException>(() => cache.SetMove((_, _) => SlabMoveReply.No)).Message, StringComparison.Ordinal);
        }

        KmemCache movable = runtime.CreateCache("movable", 64);
        movable.SetMove((_, _) => SlabMoveReply.No);
        Assert.Contains("'movable'", Assert.Throws<InvalidOperationException>(() => new SlabBuffer(movable)).Message, StringComparison.Ordinal);
        cache.Destroy();
        Assert.Throws<ObjectDisposedException>(() => new SlabBuffer(cache));

        var held = new List<SlabBuffer>();
        KmemCache large = runtime.CreateCache("large", 4096);
        Assert.Throws<OutOfMemoryException>((Action)(() =>
        {
            while (true)
            {
                held.Add(new SlabBuffer(large));
            }
        }));
        held.ForEach(buffer => ((IDisposable)buffer).Dispose());
        Assert.Equal(0, large.Snapshot().LiveObjects);
    }

    /// <summary>Threads that pin and unpin meet one that disposes: the object goes back once, and never under a pin.</summary>
    [Fact]
    public void PinsAndDisposal_Race()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64, isChecked: true);
        KmemCache cache = runtime.CreateCache("packet", 64);
        for (int round = 0; round < 300; round++)
        {
            var buffer = new SlabBuffer(cache);
            nint address = AddressOf(buffer);
            int wrong = 0;
            TestThreads.Run(3, thread =>
            {
                if (thread == 0)
                {
                    ((IDisposable)buffer).Dispose();
                    return;
                }

                try
                {
                    while (true)
                    {
                        using MemoryHandle pin = buffer.Pin();
                        Interlocked.Add(ref wrong, cache.Describe(address).Kind == AddressKind.LiveObject ? 0 : 1);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // The end, and the one that there is.
                }
            });
            Assert.Equal(0, Volatile.Read(ref wrong));
            Assert.Equal(0, cache.Snapshot().LiveObjects);
        }

        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void APointer_AsSpans()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<Pair>("pair");
        var pointer = new SlabPtr<Pair>(cache.Alloc());
        pointer.AsBytes().Fill(0xff);
        Assert.Equal((-1, -1L, 16, 1), (pointer.Value.Small, pointer.Value.Large, pointer.AsBytes().Length, pointer.AsSpan().Length));
        pointer.AsSpan()[0] = new Pair { Small = 5, Large = 7 };
        Assert.Equal((5, 7L), (pointer.Value.Small, pointer.Value.Large));
        cache.Free(pointer.Address);
        Assert.True(default(SlabPtr<Pair>).AsBytes().IsEmpty && default(SlabPtr<Pair>).AsSpan().IsEmpty);
    }

    private static unsafe nint AddressOf(SlabBuffer buffer) => (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref buffer.GetSpan()[0]);

    private static void Fill(SlabBuffer buffer, int seed)
    {
        Span<byte> bytes = buffer.GetSpan();
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)((i * seed) + 1);
        }
    }

    private struct Pair
    {
        public int Small;
        public long Large;
    }
}
