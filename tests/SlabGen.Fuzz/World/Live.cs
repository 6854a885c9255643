namespace SlabGen.Fuzz;

/// <summary>A block of memory that the script holds, full of its stamp.</summary>
internal sealed class Live
{
    private static byte s_stamp;

    public Live(nint address, int size, bool isZero = false)
    {
        (Address, Size, Stamp) = (address, size, ++s_stamp);
        int other = isZero ? Bytes().IndexOfAnyExcept((byte)0) : -1;
        FuzzException.Require(other < 0, $"Byte {other} of the {size} at 0x{address:x} is not zero.");
        Fill();
    }

    /// <summary>What must be in another place now, as long as it was there.</summary>
    public Live(nint address, Live? before, int size)
    {
        (Address, Size, Stamp) = (address, size, before?.Stamp ?? 0);
    }

    /// <summary>Changes when it is moved.</summary>
    public nint Address { get; set; }

    public int Size { get; }

    public byte Stamp { get; }

    public void Fill() => Bytes().Fill(Stamp);

    public void Check(string where) => CheckStart(Size, where);

    /// <summary>The first bytes are as they were.</summary>
    public void CheckStart(int bytes, string where)
    {
        int other = Bytes()[..Math.Min(bytes, Size)].IndexOfAnyExcept(Stamp);
        FuzzException.Require(other < 0, $"{where}: byte {other} of the {Size} at 0x{Address:x} is not {Stamp} any more.");
    }

    private unsafe Span<byte> Bytes() => new((void*)Address, Size);
}
