using System.Globalization;
using System.Text;
using SlabGen.Memory;

namespace SlabGen.Guards;

/// <summary>A page for one guarded object. Everything is under the lock of the <see cref="GuardPool"/>.</summary>
/// <remarks>
/// The bytes of the page that are not the object's hold a pattern that depends on the address, as KFENCE's. A write
/// there meets no guard page, and is found when the object is freed.
/// </remarks>
internal sealed class GuardSlot(nint page)
{
    private string _cache = "";
    private GuardSite? _allocated, _freed;
    private nint _damage; // of the object that was freed here last: the first byte beside it that was written, or 0
    private byte _found; // what was there

    /// <summary>The page.</summary>
    public nint Page { get; } = page;

    /// <summary>The cache of the object that lies here, or lay here last; null when none ever did.</summary>
    public CacheGuards? Owner { get; private set; }

    public nint Address { get; private set; }

    public int Size { get; private set; }

    public bool IsLive { get; private set; }

    /// <summary>The page has been committed: an object comes to lie at its end, or at its start.</summary>
    public unsafe void Begin(CacheGuards owner, int size, int alignment, bool atEnd, GuardSite site)
    {
        (Owner, _cache, Size, IsLive) = (owner, owner.Name, size, true);
        Address = Page + (atEnd ? (Memory.Page.Size - size) & -alignment : 0);
        (_allocated, _freed, _damage) = (site, null, 0);
        for (nint at = Page; at < Page + Memory.Page.Size; at++)
        {
            *(byte*)at = at >= Address && at < Address + Size ? (byte)0 : Pattern(at);
        }
    }

    /// <summary>Notes who frees the object. The free may come later, when readers have gone.</summary>
    public void NoteFree(GuardSite site) => _freed = site;

    /// <summary>The object is free.</summary>
    /// <returns>Whether bytes beside it, on the page, were written.</returns>
    public unsafe bool End()
    {
        IsLive = false;
        _damage = FindDamage();
        _found = _damage == 0 ? (byte)0 : *(byte*)_damage;
        return _damage != 0;
    }

    /// <summary>The first byte beside the live object that was written; 0 when there is none.</summary>
    public unsafe nint FindDamage()
    {
        for (nint at = Page; at < Page + Memory.Page.Size; at++)
        {
            at = at == Address ? at + Size : at;
            if (at < Page + Memory.Page.Size && *(byte*)at != Pattern(at))
            {
                return at;
            }
        }

        return 0;
    }

    /// <summary>The object, and who allocated and freed it: the rest of a report.</summary>
    public string Describe()
    {
        if (_allocated is null)
        {
            return "No object has lain there.\n";
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Guarded object of {Size} bytes, 0x{Address:x} to 0x{Address + Size - 1:x}, of cache '{_cache}': {(IsLive ? "live" : "free")}.\n");
        if (_damage != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"The byte at 0x{_damage:x}, {DistanceTo(_damage)}, was written: 0x{_found:x2}, where 0x{Pattern(_damage):x2} was.\n");
        }

        text.Append("Allocated ").Append(_allocated.Text).Append('\n');
        return (_freed is null ? text : text.Append("Freed ").Append(_freed.Text).Append('\n')).ToString();
    }

    private string DistanceTo(nint outside) =>
        outside < Address ? $"{Address - outside} before the object" : $"{outside - (Address + Size - 1)} behind the object";

    private static byte Pattern(nint address) => (byte)(0xaa ^ ((int)address & 7));
}
