namespace SlabGen.Checking;

/// <summary>Marks of an object that were written over: what was found, before it was repaired.</summary>
/// <param name="Region">Where.</param>
/// <param name="First">The address of the first byte that is wrong.</param>
/// <param name="Found">From there to the last one that is wrong.</param>
/// <param name="WasFree">Whether the object was free.</param>
/// <param name="Image">The object and what lies around it.</param>
internal sealed record ObjectDamage(MarkedRegion Region, nint First, byte[] Found, bool WasFree, ObjectImage Image)
{
    public SlabFault Fault =>
        Region.Start >= 0 && Region.Start < Image.Layout.ObjectSize ? SlabFault.UseAfterFree : SlabFault.OutOfBounds;

    public byte[] Expected
    {
        get
        {
            byte[] bytes = new byte[Found.Length];
            Array.Fill(bytes, Region.Value);
            return bytes;
        }
    }

    /// <summary>In the kernel's words.</summary>
    public string What => $"{Region.Name} overwritten";

    /// <summary>In words: which bytes, of which object.</summary>
    public string Describe()
    {
        nint offset = First - Image.Object, behind = offset - Image.Layout.ObjectSize;
        string where = offset < 0 ? $"{-offset} bytes before the {State} object at 0x{Image.Object:x}"
            : behind >= 0 ? $"{behind + 1} bytes behind the last of the {State} object at 0x{Image.Object:x}"
            : $"{offset} bytes into the {State} object at 0x{Image.Object:x}";
        string more = Found.Length == 1 ? "" : $", and more up to 0x{First + Found.Length - 1:x}";
        return $"0x{First:x} was written over, {where}: 0x{Found[0]:x2} instead of 0x{Region.Value:x2}{more}";
    }

    private string State => WasFree ? "free" : "live";
}
