using static SlabGen.Fuzz.FuzzException;

namespace SlabGen.Fuzz;

// Kmalloc: the runtime's, and a private one with an account.
public sealed partial class World
{
    private readonly List<(Kmalloc Of, Live Block)> _blocks = [];
    private readonly List<Kmalloc> _kmallocs = [];

    private Kmalloc? AnyKmalloc()
    {
        if (_kmallocs.Count == 0 || (_kmallocs.Count < 2 && _script.OneIn(8)))
        {
            try
            {
                _kmallocs.Add(_kmallocs.Count == 0 ? _runtime.Kmalloc : _runtime.CreateKmalloc("private", _script.OneIn(2) ? _account : null));
            }
            catch (InvalidOperationException) // the limit is too small for a slab of its largest size
            {
                return null;
            }
        }

        return _kmallocs[_script.Below(_kmallocs.Count)];
    }

    private int BlockSize() => _script.Below(4) switch
    {
        0 => _script.Below(300),
        1 => _script.Below(20_000),
        2 => _script.Any(0, 1, 8, 9, 4096, 4097, 8192, 8193, 65536),
        _ => _script.OneIn(8) ? (5 << 20) + _script.Below(5000) : _script.Below(3000),
    };

    private void AllocBlock()
    {
        if (AnyKmalloc() is not { } kmalloc)
        {
            return;
        }

        int size = BlockSize(), how = _script.Below(6);
        int alignment = how == 3 ? 1 << _script.Below(13) : 1;
        nint address = 0;
        bool taken = Try($"allocates {size} bytes of {kmalloc.Name}, way {how}, aligned to {alignment}", () =>
        {
            switch (how)
            {
                case 0:
                    address = kmalloc.Alloc(size);
                    return true;
                case 1:
                    address = kmalloc.AllocZeroed(size);
                    return true;
                case 2:
                    return kmalloc.TryAlloc((nuint)size, _script.Any(GfpFlags.Kernel, GfpFlags.Atomic, GfpFlags.NoWait), out address);
                case 3:
                    return kmalloc.TryAlloc((nuint)size, alignment, out address);
                case 4:
                    Kmalloc.Local local = kmalloc.OpenLocal();
                    address = local.Alloc((nuint)size);
                    return true;
                default:
                    return kmalloc.TryAlloc(size, out address);
            }
        });
        if (taken)
        {
            AcceptBlock(kmalloc, address, size, alignment, isZero: how == 1);
        }
    }

    private void AcceptBlock(Kmalloc kmalloc, nint address, int size, int alignment = 1, bool isZero = false)
    {
        if (size == 0)
        {
            Equal(Kmalloc.ZeroSizePointer, address, "a block of no bytes");
        }
        else
        {
            Equal(0, address % Math.Max(alignment, 8), $"0x{address:x} modulo {alignment}");
            nuint usable = kmalloc.UsableSize(address);
            Require(usable >= (nuint)size, $"{usable} of {size} bytes are usable.");
            foreach ((_, Live held) in _blocks)
            {
                Require(held.Size == 0 || address >= held.Address + held.Size || held.Address >= address + size, $"0x{address:x} overlaps 0x{held.Address:x}.");
            }
        }

        _blocks.Add((kmalloc, new Live(address, size, isZero)));
    }

    private (Kmalloc Of, Live Block)? RemoveBlock()
    {
        if (_blocks.Count == 0)
        {
            return null;
        }

        int index = _script.Below(_blocks.Count);
        (Kmalloc Of, Live Block) block = _blocks[index];
        _blocks[index] = _blocks[^1];
        _blocks.RemoveAt(_blocks.Count - 1);
        block.Block.Check(_step);
        return block;
    }

    private void FreeBlock()
    {
        Note("frees a block");
        if (RemoveBlock() is not var (kmalloc, block))
        {
            return;
        }

        switch (_script.Below(4))
        {
            case 0:
                kmalloc.FreeDeferred(block.Address);
                break;
            case 1:
                Kmalloc.Local local = kmalloc.OpenLocal();
                local.Free(block.Address);
                break;
            case 2:
                _kmallocs[0].Free(block.Address); // any instance frees what another allocated
                break;
            default:
                kmalloc.Free(block.Address);
                break;
        }
    }

    private void Resize()
    {
        if (RemoveBlock() is not var (kmalloc, block))
        {
            return;
        }

        int size = BlockSize();
        nint address = block.Address;
        bool done = Try($"resizes a block of {block.Size} to {size} bytes", () =>
        {
            if (_script.OneIn(2))
            {
                return kmalloc.TryRealloc(ref address, size);
            }

            address = kmalloc.Realloc(address, size);
            return true;
        });
        if (!done)
        {
            Equal(block.Address, address, "a block that could not be resized");
            block.Check(_step);
            _blocks.Add((kmalloc, block));
            return;
        }

        if (size > 0)
        {
            new Live(address, block, Math.Min(size, block.Size)).Check(_step);
        }

        AcceptBlock(kmalloc, address, size);
    }

    private void BlocksInBulk()
    {
        if (AnyKmalloc() is not { } kmalloc)
        {
            return;
        }

        int size = BlockSize();
        switch (_script.Below(4))
        {
            case 0:
                nint[] blocks = new nint[_script.Below(40)];
                if (Try($"allocates {blocks.Length} blocks of {size} bytes", () => kmalloc.TryAllocBulk((nuint)size, blocks)))
                {
                    Array.ForEach(blocks, block => AcceptBlock(kmalloc, block, size));
                }

                break;
            case 1:
                var addresses = new List<nint>();
                for (int i = _script.Below(40); i > 0 && RemoveBlock() is var (_, block); i--)
                {
                    addresses.Add(block.Address);
                }

                Note($"frees {addresses.Count} blocks");
                kmalloc.FreeBulk([.. addresses]);
                break;
            case 2:
                Try($"reserves blocks of {size} bytes", () =>
                {
                    using KmallocReservation reservation = kmalloc.Reserve((nuint)size, 1 + _script.Below(20));
                    for (int i = _script.Below(20); i > 0 && reservation.TryAlloc(out nint block); i--)
                    {
                        AcceptBlock(kmalloc, block, size);
                    }

                    return true;
                });
                break;
            default:
                if (Try($"owns a block of {size} bytes", () => kmalloc.TryAllocBlock(size, out _owned)))
                {
                    _owned!.Span.Fill(3);
                    Equal(size, _owned.Length, "the length of a block");
                    _owned.Dispose();
                    _owned.Dispose();
                }

                break;
        }
    }

    private KmallocBlock? _owned;

    private void FreeBlocks()
    {
        foreach ((Kmalloc kmalloc, Live block) in _blocks)
        {
            block.Check("at the end");
            kmalloc.Free(block.Address);
        }

        _blocks.Clear();
    }

    private void DestroyKmallocs()
    {
        foreach (Kmalloc kmalloc in _kmallocs.Skip(1))
        {
            Require(kmalloc.Destroy().IsClean, "A Kmalloc leaks whose blocks were all freed.");
        }
    }
}
