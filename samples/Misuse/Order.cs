using System.Runtime.InteropServices;

namespace Misuse;

/// <summary>What is kept in native memory, and mistaken.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Order
{
    public long Id;
    public double Price;
    public long Quantity;
}
