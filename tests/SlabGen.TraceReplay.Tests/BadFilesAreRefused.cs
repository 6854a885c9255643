namespace SlabGen.TraceReplay.Tests;

/// <summary>Whatever is wrong with a file: exit code 2 and one line that names the file, the record and the problem.</summary>
public class BadFilesAreRefused
{
    [Fact]
    public async Task Missing()
    {
        using var trace = new TraceFile();
        ReplayResult result = await ReplayProgram.RunAsync(trace.Path);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(trace.Path, result.SingleErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder()
    {
        ReplayResult result = await ReplayProgram.RunAsync(AppContext.BaseDirectory);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("cannot be read", result.SingleErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public Task Empty() => RefusedAsync(new TraceFile().Save([]), 1, "empty");

    [Fact]
    public Task Not_gzip() => RefusedAsync(new TraceFile().Save("This is no trace of anything."u8.ToArray()), 1, "not a gzip file");

    [Fact]
    public Task Gzip_of_nothing() =>
        RefusedAsync(new TraceFile().Save([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 0xFF, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 1, "no record");

    [Fact]
    public Task Gzip_of_another_file() =>
        RefusedAsync(new TraceFile().Bytes("This is no trace of anything, though it is packed like one."u8).Save(), 1, "unknown operation 0x54");

    [Fact]
    public Task Half_a_record() =>
        RefusedAsync(new TraceFile().Alloc(0, 1, 8).Bytes([(byte)'f', 0, 0, 0, 1, 0, 0, 0]).Save(), 2, "cut short: 8 bytes of 16");

    /// <summary>Cut in the header, in the data, and in the checksum and length at the end.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(-8)]
    [InlineData(-1)]
    [InlineData(null)]
    public Task Truncated_gzip(int? cut)
    {
        TraceFile trace = Long();
        byte[] content = trace.Pack();
        int length = cut is null ? content.Length / 2 : cut.Value > 0 ? cut.Value : content.Length + cut.Value;
        return RefusedAsync(trace.Save(content[..length]), null, "damaged or ends early");
    }

    [Fact]
    public Task Damaged_gzip()
    {
        TraceFile trace = Long();
        byte[] content = trace.Pack();
        content[^6] ^= 1;
        return RefusedAsync(trace.Save(content), null, "damaged or ends early");
    }

    [Fact]
    public Task Unknown_operation() =>
        RefusedAsync(new TraceFile().Alloc(0, 1, 8).Record((byte)'r', 0, 1, 16).Save(), 2, "unknown operation 0x72");

    [Fact]
    public Task Reserved_bytes() =>
        RefusedAsync(new TraceFile().Record((byte)'a', 0, 1, 8, reserved: 0x100).Save(), 1, "reserved");

    [Fact]
    public Task Free_of_an_unknown_id() =>
        RefusedAsync(new TraceFile().Alloc(0, 1, 8).Free(0, 2).Save(), 2, "frees object 2, which was not allocated before");

    [Fact]
    public Task Free_before_the_allocation() =>
        RefusedAsync(new TraceFile().Free(0, 1).Alloc(0, 1, 8).Save(), 1, "frees object 1, which was not allocated before");

    [Fact]
    public Task Double_free() =>
        RefusedAsync(new TraceFile().Alloc(0, 1, 8).Free(0, 1).Free(0, 1).Save(), 3, "frees object 1, which is already freed");

    [Fact]
    public Task Free_with_a_size() =>
        RefusedAsync(new TraceFile().Alloc(0, 1, 8).Record((byte)'f', 0, 1, 8).Save(), 2, "the size of a free must be zero");

    [Fact]
    public Task Id_allocated_twice() =>
        RefusedAsync(new TraceFile().Alloc(0, 1, 8).Free(0, 1).Alloc(0, 1, 8).Save(), 3, "allocates object 1 a second time");

    [Fact]
    public Task Id_zero() => RefusedAsync(new TraceFile().Alloc(0, 0, 8).Save(), 1, "ids start at 1");

    [Fact]
    public Task Ids_that_decrease() =>
        RefusedAsync(new TraceFile().Alloc(0, 5, 8).Alloc(0, 3, 8).Save(), 2, "allocates object 3 after object 5");

    [Fact]
    public Task Unknown_thread() =>
        RefusedAsync(new TraceFile().Alloc(0, 1, 8).Alloc(9, 2, 8).Save(), 2, "unknown thread 9");

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1ul << 63)]
    [InlineData(1ul << 50)]
    public Task Absurd_size(ulong size) =>
        RefusedAsync(new TraceFile().Alloc(0, 1, size).Save(), 1, "more than a process can address");

    [Theory]
    [InlineData("slabgen")]
    [InlineData("malloc")]
    public async Task More_than_the_machine_has(string allocator)
    {
        using TraceFile trace = new TraceFile().Alloc(0, 1, 8).Alloc(0, 2, 1ul << 46).Save();
        ReplayResult result = await ReplayProgram.RunAsync(trace.Path, "--allocator", allocator);

        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.Contains("out of memory", result.SingleErrorLine(), StringComparison.Ordinal);
    }

    private static TraceFile Long()
    {
        var trace = new TraceFile();
        var random = new Random(3);

        for (uint id = 1; id <= 20_000; id++)
        {
            trace.Alloc(0, id, (ulong)random.Next(1000));
        }

        return trace;
    }

    private static async Task RefusedAsync(TraceFile trace, int? record, string problem)
    {
        using (trace)
        {
            ReplayResult result = await ReplayProgram.RunAsync(trace.Path, "--json");
            string line = result.SingleErrorLine();

            Assert.Equal((2, ""), (result.ExitCode, result.Output));
            Assert.Contains($"{trace.Name}: record {record}", line, StringComparison.Ordinal);
            Assert.Contains(problem, line, StringComparison.Ordinal);
        }
    }
}
